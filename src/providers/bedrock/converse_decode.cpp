// Converse's whole answers as OpenAI's. Pure, any thread.
#include "providers/bedrock/converse.hpp"
#include "providers/bedrock/tree.hpp"

namespace switchyard::providers::bedrock {
namespace {

using std::string_view;

void read_reasoning(const Value& content, ChatChoice& choice) {
  if (auto data = text_at(content, "redactedContent"); !data.empty()) {
    choice.thinking_blocks.push_back(
        Value(ValueMap{{"type", str("redacted_thinking")}, {"data", str(data)}}));
    return;
  }
  auto* text = content.find("reasoningText");
  if (!text) return;
  choice.reasoning += text_at(*text, "text");
  ValueMap block{{"type", str("thinking")}, {"thinking", str(text_at(*text, "text"))}};
  if (auto signature = text_at(*text, "signature"); !signature.empty())
    put(block, "signature", str(signature));
  choice.thinking_blocks.emplace_back(std::move(block));
}

void add_text(string_view text, ChatChoice& choice) {
  if (!choice.content) choice.content.emplace();
  *choice.content += text;
}

class Reader {
 public:
  Reader(const FamilyTarget& target, const Call& call) : names_(target, call) {}

  void block(const Value& block, ChatChoice& choice) {
    if (auto* text = block.find("text"); text && text->as_string()) add_text(*text->as_string(), choice);
    if (auto* use = block.find("toolUse")) tool(*use, choice);
    if (auto* reasoning = block.find("reasoningContent")) read_reasoning(*reasoning, choice);
    if (auto* cited = block.find("citationsContent")) {
      for (auto& part : list_at(*cited, "content")) add_text(text_at(part, "text"), choice);
      for (auto& citation : list_at(*cited, "citations")) citations_.push_back(citation);
    }
  }
  void finish(string_view stop_reason, ChatChoice& choice) {
    choice.finish = finish_reason(stop_reason);
    if (json_ && choice.tool_calls.empty()) choice.finish = "stop";
    if (choice.tool_calls.empty() && !choice.content) choice.content.emplace();
    if (!citations_.empty())
      choice.extra.emplace_back("provider_specific_fields",
                                tagged("citations", Value(std::move(citations_))));
  }

 private:
  void tool(const Value& use, ChatChoice& choice) {
    const auto name = text_at(use, "name");
    auto* input = use.find("input");
    auto arguments = input ? to_json(*input) : std::string("{}");
    if (names_.is_json_tool(name)) return json_ = true, add_text(json_tool_content(arguments), choice);
    choice.tool_calls.push_back(
        {std::string(text_at(use, "toolUseId")), names_.client_name(name), std::move(arguments)});
  }

  ToolNames names_;
  ValueList citations_;
  bool json_ = false;
};

ServiceTier tier_of(const Value& answer) noexcept {
  auto* tier = answer.find("serviceTier");
  auto type = tier ? text_at(*tier, "type") : string_view();
  if (type == "flex") return ServiceTier::flex;
  return type == "priority" ? ServiceTier::priority : ServiceTier::standard;
}

} // namespace

Usage read_usage(const Value& usage) {
  Usage out;
  out.cache_read_tokens =
      std::max(count_at(usage, "cacheReadInputTokens"), count_at(usage, "cacheReadInputTokenCount"));
  out.cache_write_tokens =
      std::max(count_at(usage, "cacheWriteInputTokens"), count_at(usage, "cacheWriteInputTokenCount"));
  for (auto& detail : list_at(usage, "cacheDetails"))
    if (text_at(detail, "ttl") == "1h") out.cache_write_1h_tokens += count_at(detail, "inputTokens");
  out.prompt_tokens = count_at(usage, "inputTokens") + out.cache_read_tokens + out.cache_write_tokens;
  out.completion_tokens = count_at(usage, "outputTokens");
  out.total_tokens = count_at(usage, "totalTokens");
  complete(out);
  return out;
}

Result<void> decode_converse(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                             string_view client_model, Answer& out) {
  auto parsed = parse_json(answer.body);
  auto* output = parsed ? parsed->find("output") : nullptr;
  auto* message = output ? output->find("message") : nullptr;
  if (!message || !message->as_map()) return invalid_answer(target, answer.body);
  ChatAnswer chat;
  chat.model = call.model;
  auto& choice = chat.choices.emplace_back();
  Reader reader(target, call);
  for (auto& block : list_at(*message, "content")) reader.block(block, choice);
  reader.finish(text_at(*parsed, "stopReason"), choice);
  if (auto* usage = parsed->find("usage"); usage && usage->as_map()) {
    chat.usage = read_usage(*usage);
    chat.usage.tier = tier_of(*parsed);
  }
  if (auto* trace = parsed->find("trace")) chat.extra.emplace_back("trace", *trace);
  out.usage = chat.usage;
  out.body = write_chat(chat, call, client_model);
  return {};
}

} // namespace switchyard::providers::bedrock
