// Snowflake Cortex inference:complete and :embed: OpenAI's outline with tools of its own. Pure, any thread.
#include "providers/legacy/common.hpp"
#include "providers/legacy/families.hpp"

namespace switchyard::providers::legacy {
namespace {

using std::string_view;

constexpr string_view k_complete = "/cortex/inference:complete", k_embed = "/cortex/inference:embed";

Result<void> prepare(FamilyTarget& target, const LitellmParams&, EnvLookup env) {
  if (target.base.origin.host.empty()) {
    auto account = first_setting(target, "account_id snowflake_account_id", "SNOWFLAKE_ACCOUNT_ID", env);
    if (account.empty())
      return config_error("api_base", "snowflake needs an account: set SNOWFLAKE_ACCOUNT_ID or "
                                      "litellm_params.account_id, or litellm_params.api_base to "
                                      "https://<account>.snowflakecomputing.com/api/v2");
    if (auto done = use_base(target, "https://" + account + ".snowflakecomputing.com/api/v2"); !done)
      return done;
  }
  auto& path = target.base.path;
  for (auto known : {k_complete, k_embed})
    if (path.ends_with(known)) path.resize(path.size() - known.size());
  if (path.empty()) path = "/api/v2";
  auto key = target.key.reveal();
  const bool personal = key.starts_with("pat/");
  if (personal) key.remove_prefix(4);
  if (key.empty())
    return config_error("api_key", "snowflake needs a JWT or a personal access token (pat/<token>): set "
                                   "litellm_params.api_key or SNOWFLAKE_JWT");
  target.lines.push_back({"Authorization", "Bearer " + std::string(key), true});
  target.lines.push_back({"X-Snowflake-Authorization-Token-Type",
                          personal ? "PROGRAMMATIC_ACCESS_TOKEN" : "KEYPAIR_JWT", false});
  return {};
}

bool takes(const FamilyTarget&, const Call&, string_view param) {
  return has_word(
      "stream temperature max_tokens max_completion_tokens top_p response_format tools tool_choice", param);
}

// -- requests

Value tool_spec(const Tool& tool) {
  ValueMap spec{{"type", text_value("generic")}, {"name", text_value(tool.name)}};
  if (!tool.description.empty()) set(spec, "description", text_value(tool.description));
  if (tool.parameters) set(spec, "input_schema", *tool.parameters);
  return Value(ValueMap{{"tool_spec", Value(std::move(spec))}});
}

void put_tools(const Job& job, ValueMap& body) {
  ValueList tools;
  for (auto& tool : tools_of(job.request)) tools.push_back(tool.is_function ? tool_spec(tool) : *tool.whole);
  if (!tools.empty()) set(body, "tools", Value(std::move(tools)));
  static constexpr string_view k_kinds[] = {"", "auto", "none", "required", "tool"};
  auto choice = tool_choice_of(job.request);
  if (choice.kind == ToolChoice::absent) return;
  ValueMap out{{"type", text_value(k_kinds[choice.kind])}};
  if (choice.kind == ToolChoice::named) set(out, "name", Value(ValueList{text_value(choice.name)}));
  set(body, "tool_choice", Value(std::move(out)));
}

Value text_part(string_view text) {
  return Value(ValueMap{{"type", text_value("text")}, {"text", text_value(text)}});
}

/// The result of a call, as a user's message.
Value tool_result(const ValueList& messages, const Value& message) {
  auto id = text_at(message, "tool_call_id");
  auto* content = message.find("content");
  auto text = content ? content_text(*content) : std::string();
  ValueMap result{{"tool_use_id", text_value(id)},
                  {"name", text_value(tool_name_of(messages, id))},
                  {"content", Value(ValueList{text_part(text)})}};
  Value part(ValueMap{{"type", text_value("tool_results")}, {"tool_results", Value(std::move(result))}});
  return Value(ValueMap{{"role", text_value("user")}, {"content_list", Value(ValueList{std::move(part)})}});
}

/// An answer that called tools.
Value tool_use(const Value& message, const std::vector<PastCall>& calls) {
  auto* content = message.find("content");
  auto text = content && !content->is_null() ? content_text(*content) : std::string();
  ValueList parts;
  if (!text.empty()) parts.push_back(text_part(text));
  for (auto& call : calls)
    parts.push_back(Value(ValueMap{{"type", text_value("tool_use")},
                                   {"tool_use", Value(ValueMap{{"tool_use_id", text_value(call.id)},
                                                               {"name", text_value(call.name)},
                                                               {"input", call.arguments}})}}));
  return Value(ValueMap{{"role", text_value("assistant")},
                        {"content", Value(std::move(text))},
                        {"content_list", Value(std::move(parts))}});
}

ValueList write_messages(const ValueList& messages) {
  ValueList out;
  for (auto& message : messages) {
    auto role = text_at(message, "role");
    auto calls = past_calls(message);
    if (role == "tool" || role == "function") {
      out.push_back(tool_result(messages, message));
    } else if (!calls.empty()) {
      out.push_back(tool_use(message, calls));
    } else {
      ValueMap copy = map_of(message);
      flatten_text(copy);
      if (role == "developer") set(copy, "role", text_value("system"));
      out.push_back(Value(std::move(copy)));
    }
  }
  return out;
}

Result<void> encode_embeddings(Job& job, Upstream& out) {
  if (auto checked = check_embedding_params(job, ""); !checked) return checked;
  auto* input = job.request.find("input");
  ValueList texts = input && input->as_string() ? ValueList{*input} : list_at(job.request, "input");
  for (auto& text : texts)
    if (!text.as_string()) return bad_request(job.target, "input: must be a text or a list of texts");
  ValueMap body{{"text", Value(std::move(texts))}, {"model", text_value(job.call.model)}};
  out.path = path_of(job.target, k_embed);
  out.body = to_json(Value(std::move(body)));
  return {};
}

Result<void> encode(Job& job, Upstream& out) {
  if (job.call.endpoint == Endpoint::embeddings) return encode_embeddings(job, out);
  if (auto checked = check_messages(job); !checked) return checked;
  ValueMap body;
  set(body, "model", text_value(job.call.model));
  set(body, "messages", Value(write_messages(list_at(job.request, "messages"))));
  rename(job.request, "temperature top_p", body);
  put_limit(job.request, "max_tokens", body);
  put_tools(job, body);
  auto format = output_format(job.request);
  if (format.kind == OutputFormat::json_schema && format.schema)
    set(body, "response_format", Value(ValueMap{{"type", text_value("json")}, {"schema", *format.schema}}));
  else
    rename(job.request, "response_format", body);
  copy_extras(job.request, body);
  for (auto key : {"account_id", "snowflake_account_id"}) switchyard::erase(body, key);
  set(body, "stream", Value(job.call.stream)); // left out it would mean true
  out.path = path_of(job.target, k_complete);
  out.body = to_json(Value(std::move(body)));
  return {};
}

// -- answers

ChatChoice read_choice(const Value& message) {
  ChatChoice out;
  std::string text;
  for (auto& part : list_at(message, "content_list")) {
    if (text_at(part, "type") == "text") text += text_at(part, "text");
    auto* use = part.find("tool_use");
    if (!use || !use->as_map()) continue;
    auto* input = use->find("input");
    ToolCall call;
    call.id = text_at(*use, "tool_use_id"), call.name = text_at(*use, "name");
    if (input && !input->is_null())
      call.arguments = input->as_string() ? *input->as_string() : to_json(*input);
    out.tool_calls.push_back(std::move(call));
  }
  if (text.empty()) text = text_at(message, "content");
  if (!text.empty() || out.tool_calls.empty()) out.content = std::move(text);
  return out;
}

Result<void> decode_embeddings(const FamilyTarget& target, const Value& root, string_view body,
                               string_view client_model, Answer& out) {
  ValueList vectors;
  for (auto& item : list_at(root, "data")) {
    auto& vector = list_at(item, "embedding");
    if (vector.empty()) return invalid_answer(target, body);
    vectors.push_back(vector.front().as_list() ? vector.front() : Value(vector)); // one row in a list
  }
  if (vectors.empty()) return invalid_answer(target, body);
  auto usage = usage_of(root);
  answer_vectors(vectors, usage, client_model, out);
  return {};
}

Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                    string_view client_model, Answer& out) {
  auto root = read_object(target, answer.body);
  if (!root) return root.error();
  if (call.endpoint == Endpoint::embeddings)
    return decode_embeddings(target, *root, answer.body, client_model, out);
  ChatAnswer chat;
  for (auto& choice : list_at(*root, "choices")) {
    auto* message = choice.find("message");
    if (!message) return invalid_answer(target, answer.body);
    chat.choices.push_back(read_choice(*message));
    chat.choices.back().finish = finish_reason(text_at(choice, "finish_reason", "stop"));
  }
  if (chat.choices.empty()) return invalid_answer(target, answer.body);
  chat.id = text_at(*root, "id");
  chat.usage = out.usage = usage_of(*root);
  out.body = write_chat(chat, call, client_model);
  return {};
}

class Stream final : public LikeOpenAiStream {
 public:
  using LikeOpenAiStream::LikeOpenAiStream;

 private:
  void on_choice(const Value& choice) override {
    auto* delta = choice.find("delta");
    if (!delta || text_at(*delta, "type") != "tool_use") return LikeOpenAiStream::on_choice(choice);
    auto name = text_at(*delta, "name");
    auto input = text_at(*delta, "input");
    if (!name.empty())
      open_tool(text_at(*delta, "tool_use_id"), name, input);
    else if (next_tool_ > 0)
      tool_arguments(next_tool_ - 1, input);
    if (auto word = text_at(choice, "finish_reason"); !word.empty()) finish_with(finish_reason(word));
  }
};

} // namespace

const Family k_snowflake{.name = "snowflake",
                         .prepare = prepare,
                         .takes = takes,
                         .encode = encode,
                         .decode = decode,
                         .stream = make_stream<Stream>};

} // namespace switchyard::providers::legacy
