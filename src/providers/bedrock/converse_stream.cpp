// Converse's events as OpenAI's chunks. One per stream, one shard.
#include "providers/bedrock/bedrock.hpp"
#include "providers/bedrock/converse.hpp"
#include "providers/bedrock/tree.hpp"
#include "providers/family/chunks.hpp"

namespace switchyard::providers::bedrock {
namespace {

using std::string_view;

class ConverseStream final : public ChunkStream {
 public:
  ConverseStream(const FamilyTarget& target, const Call& call, string_view client_model)
      : ChunkStream(target, call, client_model), names_(target, call) {}

 private:
  void on_data(string_view event, string_view data) override {
    if (is_exception(event)) return fail(stream_error(target_, event, data));
    auto parsed = parse_json(data);
    if (!parsed || !parsed->as_map()) return fail(invalid_answer(target_, data));
    const Value* body = &*parsed;
    if (!is_event(event)) { // Nova's invoke: the event is the only member
      for (auto& [name, value] : *parsed->as_map())
        if (is_event(name)) event = name, body = &value;
    }
    if (event == "messageStart") id(text_at(*body, "conversationId"));
    if (event == "contentBlockStart") block_start(*body);
    if (event == "contentBlockDelta" && body->find("delta")) delta(*body->find("delta"));
    if (event == "contentBlockStop") block_stop();
    if (event == "messageStop") stop(*body);
    if (event == "metadata") metadata(*body);
  }

  static bool is_event(string_view name) noexcept {
    return name == "messageStart" || name == "contentBlockStart" || name == "contentBlockDelta" ||
           name == "contentBlockStop" || name == "messageStop" || name == "metadata";
  }

  void block_start(const Value& body) {
    auto* start = body.find("start");
    auto* use = start ? start->find("toolUse") : nullptr;
    if (!use) return;
    const auto name = text_at(*use, "name");
    in_tool_ = true, arguments_ = 0;
    if ((in_json_ = names_.is_json_tool(name))) return void(json_ = true);
    tool(++index_, text_at(*use, "toolUseId"), names_.client_name(name));
  }

  void delta(const Value& delta) {
    if (auto* said = delta.find("text"); said && said->as_string()) text(*said->as_string());
    if (auto* use = delta.find("toolUse"); use && in_tool_) {
      const auto input = text_at(*use, "input");
      arguments_ += input.size();
      in_json_ ? text(input) : tool_arguments(index_, input);
    }
    if (auto* thought = delta.find("reasoningContent")) reasoning_delta(*thought);
    for (auto key : {"citation", "citationsContent"})
      if (auto* cited = delta.find(key))
        member("provider_specific_fields", to_json(tagged("citation", *cited)));
  }

  void reasoning_delta(const Value& thought) {
    reasoning(text_at(thought, "text"));
    ValueMap block;
    if (auto signature = text_at(thought, "signature"); !signature.empty())
      block = {{"type", str("thinking")}, {"thinking", str("")}, {"signature", str(signature)}};
    if (auto data = text_at(thought, "redactedContent"); !data.empty())
      block = {{"type", str("redacted_thinking")}, {"data", str(data)}};
    if (!block.empty()) member("thinking_blocks", "[" + to_json(Value(std::move(block))) + "]");
  }

  void block_stop() {
    if (in_tool_ && arguments_ == 0) in_json_ ? text("{}") : tool_arguments(index_, "{}");
    in_tool_ = in_json_ = false;
  }

  void stop(const Value& body) {
    auto reason = finish_reason(text_at(body, "stopReason"));
    finish_with(json_ && !saw_tool_ ? "stop" : reason);
  }

  void metadata(const Value& body) {
    if (auto* usage = body.find("usage"); usage && usage->as_map()) usage_ = read_usage(*usage);
    if (auto* trace = body.find("trace"))
      member("provider_specific_fields", to_json(tagged("trace", *trace)));
    end();
  }

  ToolNames names_;
  int index_ = -1;
  std::size_t arguments_ = 0; ///< bytes of the open block's
  bool in_tool_ = false, in_json_ = false, json_ = false;
};

} // namespace

std::unique_ptr<StreamDecoder> converse_stream(const FamilyTarget& target, const Call& call,
                                               string_view client_model) {
  return std::make_unique<ConverseStream>(target, call, client_model);
}

} // namespace switchyard::providers::bedrock
