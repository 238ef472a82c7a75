// Databricks model serving: OpenAI's format, with Claude's peculiarities for Claude models. Pure, any thread.
#include "providers/credentials/databricks.hpp"

#include "providers/legacy/common.hpp"
#include "providers/legacy/families.hpp"
#include "providers/legacy/watsonx.hpp"

namespace switchyard::providers::legacy {
namespace {

using std::string_view;

Result<void> prepare(FamilyTarget& target, const LitellmParams& params, EnvLookup env) {
  if (target.base.origin.host.empty())
    return config_error("api_base",
                        "databricks needs api_base: set litellm_params.api_base or DATABRICKS_API_BASE to "
                        "https://<workspace>/serving-endpoints");
  return databricks_credentials(target, params, env);
}

bool is_claude(const Call& call) { return call.model.find("claude") != call.model.npos; }

bool takes(const FamilyTarget&, const Call& call, string_view param) {
  if (call.endpoint == Endpoint::embeddings) return has_word("dimensions encoding_format user", param);
  if (has_word("reasoning_effort thinking", param))
    return is_claude(call) || (param == "reasoning_effort" && call.model.find("gpt-oss") != call.model.npos);
  return has_word(
      "stream stop temperature top_p top_k max_tokens max_completion_tokens n response_format tools "
      "tool_choice logprobs top_logprobs",
      param);
}

std::string endpoint_url(const FamilyTarget& target, string_view path) {
  auto base = target.base.path;
  for (string_view known : {"/chat/completions", "/embeddings"})
    if (base.ends_with(known)) base.resize(base.size() - known.size());
  auto out = base + std::string(path);
  return target.base.query.empty() ? out : out + "?" + target.base.query;
}

/// reasoning_effort -> thinking with a budget; room for it when nobody set a limit.
void add_thinking(const Job& job, ValueMap& body) {
  constexpr std::int64_t k_room = 4096;
  auto budget = effort_budget(text_at(job.request, "reasoning_effort"));
  switchyard::erase(body, "reasoning_effort");
  if (budget && *budget > 0 && !has(job.request, "thinking"))
    set(body, "thinking",
        Value(ValueMap{{"type", text_value("enabled")}, {"budget_tokens", Value(*budget)}}));
  Value whole(body);
  auto* tokens = at(whole, {"thinking", "budget_tokens"});
  if (tokens && tokens->as_int() && !max_tokens(job.request))
    set(body, "max_tokens", Value(*tokens->as_int() + k_room));
}

/// JSON mode through a tool.
void add_json_tool(const Job& job, ValueMap& body) {
  auto format = output_format(job.request);
  if (format.kind == OutputFormat::text) return;
  ValueList tools = list_at(job.request, "tools");
  tools.push_back(Value(ValueMap{{"type", text_value("function")},
                                 {"function", Value(ValueMap{{"name", text_value(k_json_tool)},
                                                             {"parameters", json_tool_schema(format)}})}}));
  set(body, "tools", Value(std::move(tools)));
  if (!has(Value(body), "thinking"))
    set(body, "tool_choice",
        Value(ValueMap{{"type", text_value("function")},
                       {"function", Value(ValueMap{{"name", text_value(k_json_tool)}})}}));
  switchyard::erase(body, "response_format");
}

Result<void> encode_embeddings(Job& job, Upstream& out) {
  ValueMap body = map_of(job.request);
  set(body, "model", text_value(job.call.model));
  out.path = endpoint_url(job.target, "/embeddings");
  out.body = to_json(Value(std::move(body)));
  return {};
}

Result<void> encode(Job& job, Upstream& out) {
  if (job.call.endpoint == Endpoint::embeddings) return encode_embeddings(job, out);
  if (auto checked = check_messages(job); !checked) return checked;
  ValueMap body = map_of(job.request);
  ValueList messages = list_at(job.request, "messages");
  for (auto& message : messages) switchyard::erase(std::get<ValueMap>(message.data()), "name");
  set(body, "messages", Value(std::move(messages)));
  set(body, "model", text_value(job.call.model));
  put_limit(job.request, "max_tokens", body);
  for (auto key : {"max_completion_tokens", "stream_options", "user", "stream"}) switchyard::erase(body, key);
  // A forced tool's arguments are only JSON when they are whole.
  bool whole = is_claude(job.call) && output_format(job.request).kind != OutputFormat::text;
  if (is_claude(job.call)) add_thinking(job, body), add_json_tool(job, body);
  if (job.call.stream && !whole) set(body, "stream", Value(true));
  out.path = endpoint_url(job.target, "/chat/completions");
  out.body = to_json(Value(std::move(body)));
  return {};
}

/// Content parts of reasoning models.
struct Parts {
  std::string text, reasoning;
  ValueList blocks, citations;
};
Parts read_parts(const ValueList& list) {
  Parts out;
  for (auto& part : list) {
    auto type = text_at(part, "type");
    if (type == "text") {
      out.text += text_at(part, "text");
      for (auto& citation : list_at(part, "citations")) out.citations.push_back(citation);
    }
    if (type != "reasoning") continue;
    for (auto& piece : list_at(part, "summary")) {
      out.reasoning += text_at(piece, "text");
      ValueMap block{{"type", text_value("thinking")}, {"thinking", text_value(text_at(piece, "text"))}};
      if (has(piece, "signature")) set(block, "signature", *piece.find("signature"));
      out.blocks.push_back(Value(std::move(block)));
    }
  }
  return out;
}

void unfold_content(Value& message) {
  auto* content = message.find("content");
  auto* list = content ? content->as_list() : nullptr;
  if (!list) return;
  auto parts = read_parts(*list);
  set(message, "content", text_value(parts.text));
  if (!parts.reasoning.empty()) set(message, "reasoning_content", text_value(parts.reasoning));
  if (!parts.blocks.empty()) set(message, "thinking_blocks", Value(std::move(parts.blocks)));
  if (!parts.citations.empty())
    set(message, "provider_specific_fields",
        Value(ValueMap{{"citations", Value(std::move(parts.citations))}}));
}

/// The JSON tool's arguments are the answer.
void unfold_json_tool(Value& choice, Value& message) {
  auto& calls = list_at(message, "tool_calls");
  if (calls.size() != 1) return;
  auto* function = calls.front().find("function");
  if (!function || text_at(*function, "name") != k_json_tool) return;
  auto content = json_tool_content(text_at(*function, "arguments"));
  set(message, "content", Value(std::move(content)));
  switchyard::erase(std::get<ValueMap>(message.data()), "tool_calls");
  set(choice, "finish_reason", text_value("stop"));
}

Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                    string_view client_model, Answer& out) {
  auto root = read_object(target, answer.body);
  if (!root) return root.error();
  if (call.endpoint == Endpoint::embeddings) {
    if (list_at(*root, "data").empty()) return invalid_answer(target, answer.body);
    out.usage = usage_of(*root);
    set(*root, "model", text_value(client_model));
    out.body = to_json(*root);
    return {};
  }
  ValueList choices = list_at(*root, "choices");
  for (auto& choice : choices) {
    if (!choice.find("message") || !choice.find("message")->as_map())
      return invalid_answer(target, answer.body);
    Value message = *choice.find("message");
    unfold_content(message);
    unfold_json_tool(choice, message);
    set(choice, "message", std::move(message));
  }
  set(*root, "choices", Value(std::move(choices)));
  return answer_like_openai(target, *root, call, client_model, out);
}

class Stream final : public LikeOpenAiStream {
 public:
  using LikeOpenAiStream::LikeOpenAiStream;

 private:
  void on_choice(const Value& choice) override {
    auto* content = at(choice, {"delta", "content"});
    if (content && content->as_list()) {
      auto parts = read_parts(*content->as_list());
      if (!parts.reasoning.empty()) reasoning(parts.reasoning);
      if (!parts.blocks.empty()) member("thinking_blocks", to_json(Value(std::move(parts.blocks))));
      if (!parts.text.empty()) text(parts.text);
    }
    LikeOpenAiStream::on_choice(choice);
  }
};

} // namespace

const Family k_databricks{.name = "databricks",
                          .prepare = prepare,
                          .takes = takes,
                          .encode = encode,
                          .decode = decode,
                          .stream = make_stream<Stream>,
                          .classify = classify_predibase_like,
                          .error_text = error_without_bearer};

} // namespace switchyard::providers::legacy
