// The other way round: chat served by a provider's /responses, for models named `responses/<model>` (spec
// providers.md 7.3). Request and whole answer; the stream is in to_responses_stream.cpp. Pure, any thread.
#include "providers/inbound/to_responses.hpp"

#include "providers/inbound/bridged.hpp"
#include "providers/row.hpp"

#include <algorithm>

namespace switchyard::providers::inbound {
namespace {

using std::string_view;

constexpr string_view k_prefix = "responses/";
constexpr string_view k_same =
    "model temperature top_p user metadata store service_tier prompt_cache_key "
    "prompt_cache_retention safety_identifier parallel_tool_calls top_logprobs stream";

// -- request

Value input_part(const Value& part, bool assistant) {
  auto type = text_at(part, "type");
  if (type == "text")
    return Value(ValueMap{{"type", str(assistant ? "output_text" : "input_text")},
                          {"text", str(text_at(part, "text"))}});
  if (type == "image_url") {
    ValueMap image{{"type", str("input_image")}, {"image_url", str(image_url(part))}};
    if (auto* inner = part.find("image_url")) copy(*inner, "detail", image);
    return Value(std::move(image));
  }
  auto* file = part.find("file");
  if (type != "file" || !file || !file->as_map()) return part;
  ValueMap out{{"type", str("input_file")}};
  for (auto key : {"file_id", "file_data", "filename"}) copy(*file, key, out);
  return Value(std::move(out));
}

Value input_parts(const Value& content, bool assistant) {
  ValueList out;
  for (auto& part : content_parts(content)) out.push_back(input_part(part, assistant));
  return Value(std::move(out));
}

void add_message(const Value& message, ValueList& out) {
  auto role = text_at(message, "role", "user");
  auto* content = message.find("content");
  const bool assistant = role == "assistant";
  if (role == "tool") {
    Value output = content && content->as_list() ? input_parts(*content, false)
                                                 : Value(content ? content_text(*content) : std::string());
    out.push_back(Value(ValueMap{{"type", str("function_call_output")},
                                 {"call_id", str(text_at(message, "tool_call_id"))},
                                 {"output", std::move(output)}}));
    return;
  }
  if (content &&
      (content->as_list() || (content->as_string() && !(assistant && content->as_string()->empty()))))
    out.push_back(Value(ValueMap{
        {"type", str("message")}, {"role", str(role)}, {"content", input_parts(*content, assistant)}}));
  for (auto& call : list_at(message, "tool_calls")) {
    auto* function = call.find("function");
    if (!function) continue;
    out.push_back(Value(ValueMap{{"type", str("function_call")},
                                 {"call_id", str(text_at(call, "id"))},
                                 {"name", str(text_at(*function, "name"))},
                                 {"arguments", str(text_at(*function, "arguments", "{}"))}}));
  }
}

void add_tools(const Value& chat, ValueMap& out) {
  ValueList tools;
  for (auto& tool : tools_of(chat)) {
    if (!tool.is_function) {
      tools.push_back(*tool.whole);
      continue;
    }
    ValueMap flat{{"type", str("function")}, {"name", str(tool.name)}};
    if (!tool.description.empty()) flat.emplace_back("description", str(tool.description));
    flat.emplace_back("parameters", tool.parameters ? *tool.parameters : Value());
    auto* function = tool.whole->find("function");
    auto* strict = function ? function->find("strict") : nullptr;
    flat.emplace_back("strict", strict && strict->as_bool() ? *strict : yes(false));
    tools.push_back(Value(std::move(flat)));
  }
  if (chat.find("web_search_options")) tools.push_back(Value(ValueMap{{"type", str("web_search_preview")}}));
  if (tools.empty()) return;
  set(out, "tools", Value(std::move(tools)));
  auto choice = tool_choice_of(chat);
  constexpr string_view k_words[] = {"", "auto", "none", "required"};
  if (choice.kind == ToolChoice::named)
    set(out, "tool_choice", Value(ValueMap{{"type", str("function")}, {"name", str(choice.name)}}));
  else if (choice.kind != ToolChoice::absent)
    set(out, "tool_choice", str(k_words[choice.kind]));
}

void add_text(const Value& chat, ValueMap& out) {
  ValueMap text;
  auto format = output_format(chat);
  if (format.kind == OutputFormat::json_object)
    text.emplace_back("format", Value(ValueMap{{"type", str("json_object")}}));
  if (format.kind == OutputFormat::json_schema) {
    ValueMap flat{{"type", str("json_schema")},
                  {"name", str(format.name.empty() ? "response" : format.name)}};
    if (format.schema) flat.emplace_back("schema", *format.schema);
    auto* inner = chat.find("response_format")->find("json_schema");
    if (inner) copy(*inner, "strict", flat);
    text.emplace_back("format", Value(std::move(flat)));
  }
  copy(chat, "verbosity", text);
  if (!text.empty()) set(out, "text", Value(std::move(text)));
}

// -- answer

void add_item(const Value& item, ChatChoice& choice) {
  auto type = text_at(item, "type");
  if (type == "message") {
    std::string text = choice.content.value_or("");
    for (auto& part : list_at(item, "content")) text += text_at(part, "text", text_at(part, "refusal"));
    choice.content = std::move(text);
  } else if (type == "reasoning") {
    for (auto& part : list_at(item, "summary"))
      choice.reasoning.append(choice.reasoning.empty() ? "" : "\n\n").append(text_at(part, "text"));
  } else if (type == "function_call") {
    choice.tool_calls.push_back({std::string(text_at(item, "call_id")), std::string(text_at(item, "name")),
                                 std::string(text_at(item, "arguments"))});
  }
}

Result<void> write_answer(const Call& call, const std::string& text, string_view client_model, Decoded& out) {
  auto response = parse_json(text);
  if (!response || !response->find("output"))
    return Error(Errc::api_error, "litellm.APIError: the answer is no response");
  if (text_at(*response, "status") == "failed") {
    auto* error = response->find("error");
    return Error(Errc::api_error, "litellm.APIError: " + std::string(error ? text_at(*error, "message")
                                                                           : "the response failed"));
  }
  ChatAnswer answer;
  answer.id = text_at(*response, "id"), answer.model = text_at(*response, "model"), answer.usage = out.usage;
  ChatChoice choice;
  for (auto& item : list_at(*response, "output")) add_item(item, choice);
  choice.finish = finish_of_response(*response);
  answer.choices.push_back(std::move(choice));
  out.owned = write_chat(answer, call, client_model);
  out.body.assign({string_view(out.owned)});
  return {};
}

Call responses_call(const Call& chat) {
  Call call = chat;
  call.endpoint = Endpoint::responses;
  call.content_type = "application/json";
  if (call.model.starts_with(k_prefix)) call.model.remove_prefix(k_prefix.size());
  return call;
}

/// The provider itself, asked for responses. Its chat is this.
class ResponsesProvider final : public Provider {
 public:
  bool supports(const Target& target, Endpoint endpoint) const override {
    return endpoint == Endpoint::chat && provider_of(target).supports(target, Endpoint::responses);
  }
  Result<void> encode(const Target& target, const Call& call, Wire& out) const override {
    if (!call.json) return refuse("body", "a JSON object is required");
    auto chat = parse_json(call.json->trailing_commas.empty() ? std::string(call.json->text)
                                                              : remove_commas(*call.json));
    if (!chat) return chat.error();
    if (!chat->find("messages") || !chat->find("messages")->as_list())
      return refuse("messages", "a list of messages is required");
    out.bridged = to_json(responses_of_chat(*chat));
    if (auto scanned = scan_object(out.bridged, out.bridged_scan); !scanned) return scanned.error();
    auto inner = responses_call(call);
    inner.json = &out.bridged_scan, inner.body = out.bridged;
    return provider_of(target).encode(target, inner, out);
  }
  Result<void> decode(const Target& target, const Call& call, const UpstreamAnswer& answer,
                      string_view client_model, Decoded& out) const override {
    Decoded inner;
    auto done = provider_of(target).decode(target, responses_call(call), answer, client_model, inner);
    if (!done) return done;
    std::string text;
    for (auto slice : inner.body) text += slice;
    out.usage = inner.usage;
    return write_answer(call, text, client_model, out);
  }
  std::unique_ptr<StreamDecoder> stream(const Target& target, const Call& call,
                                        string_view client_model) const override {
    return chat_of_responses(provider_of(target).stream(target, responses_call(call), client_model), call,
                             client_model);
  }
  Error map_error(const Target& target, const UpstreamAnswer& answer) const override {
    return provider_of(target).map_error(target, answer);
  }
  LocalAnswer local_answer(const Target& target, const Call& call, string_view client_model, string_view id,
                           std::int64_t created) const override {
    return provider_of(target).local_answer(target, call, client_model, id, created);
  }
};

} // namespace

string_view finish_of_response(const Value& response) noexcept {
  if (text_at(response, "status") != "incomplete") return "stop";
  auto* details = response.find("incomplete_details");
  return details && text_at(*details, "reason") == "content_filter" ? "content_filter" : "length";
}

Value responses_of_chat(const Value& chat) {
  ValueMap out;
  ValueList input;
  for (auto& message : list_at(chat, "messages")) add_message(message, input);
  for (auto& member : map_of(chat))
    if (has_word(k_same, member.first)) copy(chat, member.first, out);
  set(out, "input", Value(std::move(input)));
  if (auto most = max_tokens(chat)) set(out, "max_output_tokens", num(*most));
  if (auto* effort = chat.find("reasoning_effort"))
    set(out, "reasoning", effort->as_map() ? *effort : Value(ValueMap{{"effort", *effort}}));
  add_tools(chat, out);
  add_text(chat, out);
  return Value(std::move(out));
}

const Provider* responses_provider(const Target& target) noexcept {
  static const ResponsesProvider k_provider;
  const bool wanted =
      target.model.starts_with(k_prefix) && is_openai_format(target) && !target.answers_locally;
  return wanted && k_provider.supports(target, Endpoint::chat) ? &k_provider : nullptr;
}

} // namespace switchyard::providers::inbound
