// Chat answers as Anthropic's messages, whole and as their event stream (spec providers.md 7.2). Pure; a
// writer belongs to one stream on one shard.
#include "providers/inbound/blocks.hpp"

#include <algorithm>

namespace switchyard::providers::inbound {
namespace {

using std::string_view;

string_view stop_reason(string_view finish) {
  if (finish == "length") return "max_tokens";
  return finish == "tool_calls" || finish == "function_call" ? "tool_use" : "end_turn";
}

/// Anthropic counts what came from or went to the cache beside the input, not in it.
std::string usage_json(const Usage& usage) {
  const auto cached = std::uint64_t{usage.cache_read_tokens} + usage.cache_write_tokens;
  const auto input = usage.prompt_tokens > cached ? usage.prompt_tokens - cached : 0;
  auto out = "{\"input_tokens\":" + std::to_string(input);
  if (usage.cache_write_tokens)
    out += ",\"cache_creation_input_tokens\":" + std::to_string(usage.cache_write_tokens);
  if (usage.cache_read_tokens)
    out += ",\"cache_read_input_tokens\":" + std::to_string(usage.cache_read_tokens);
  return out + ",\"output_tokens\":" + std::to_string(usage.completion_tokens) + "}";
}

/// The input of a tool call: an object, also when the model wrote something else.
std::string input_json(const std::string& arguments) {
  auto parsed = parse_json(arguments.empty() ? "{}" : arguments);
  if (parsed && parsed->as_map()) return to_json(*parsed);
  return to_json(Value(ValueMap{{"_raw", Value(arguments)}}));
}

std::string block_json(const Piece& piece, const ToolNames& names) {
  switch (piece.block) {
  case Block::thinking:
    return R"({"type":"thinking","thinking":)" + json_string(piece.text) +
           ",\"signature\":" + json_string(piece.signature) + "}";
  case Block::redacted:
    return R"({"type":"redacted_thinking","data":)" + json_string(piece.text) + "}";
  case Block::tool:
    return R"({"type":"tool_use","id":)" + json_string(piece.id) +
           ",\"name\":" + json_string(names.original(piece.name)) + ",\"input\":" + input_json(piece.text) +
           "}";
  default:
    return R"({"type":"text","text":)" + json_string(piece.text) + "}";
  }
}

std::string message_json(string_view id, string_view model, const std::string& content,
                         const std::string& reason, const std::string& usage) {
  return "{\"id\":" + json_string(id) + R"(,"type":"message","role":"assistant","model":)" +
         json_string(model) + ",\"content\":[" + content + "],\"stop_reason\":" + reason +
         ",\"stop_sequence\":null,\"usage\":" + usage + "}";
}

std::string answer(const Side& side, const Value& chat, const Usage& usage) {
  ToolNames names(side.client);
  auto blocks = read_blocks(chat, side.call.call_id);
  std::string content;
  for (auto& piece : blocks.pieces) content += (content.empty() ? "" : ",") + block_json(piece, names);
  auto id = text_at(chat, "id");
  return message_json(id.empty() ? "msg_" + std::string(side.call.call_id) : std::string(id),
                      side.client_model.empty() ? text_at(chat, "model") : side.client_model, content,
                      json_string(stop_reason(blocks.reason)), usage_json(usage));
}

class MessagesWriter final : public BlockWriter {
 public:
  explicit MessagesWriter(const Side& side)
      : BlockWriter(side.call.call_id), names_(side.client), id_("msg_" + std::string(side.call.call_id)),
        model_(side.client_model) {}

 private:
  void event(string_view type, const std::string& members) {
    out().append("event: ").append(type).append("\ndata: {\"type\":\"").append(type).append("\"");
    out().append(members).append("}\n\n");
  }
  std::string at() const { return ",\"index\":" + std::to_string(index_); }
  void delta(string_view type, string_view key, string_view text) {
    event("content_block_delta", at() + ",\"delta\":{\"type\":\"" + std::string(type) + "\",\"" +
                                     std::string(key) + "\":" + json_string(text) + "}");
  }

  void begin(const Value& first) override {
    constexpr string_view k_zero =
        R"({"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":0})";
    auto model = model_.empty() ? std::string(text_at(first, "model")) : model_;
    event("message_start", ",\"message\":" + message_json(id_, model, "", "null", std::string(k_zero)));
  }
  void open(Block block, const Tool* tool) override {
    if (block == Block::redacted) return; // it needs its data
    Piece empty;
    empty.block = block;
    if (tool) empty.id = tool->id, empty.name = tool->name;
    event("content_block_start", at() + ",\"content_block\":" + block_json(empty, names_));
  }
  void piece(Block block, string_view text) override {
    if (block == Block::thinking) return delta("thinking_delta", "thinking", text);
    if (block == Block::text) return delta("text_delta", "text", text);
    if (block == Block::tool) return delta("input_json_delta", "partial_json", text);
    Piece redacted;
    redacted.block = block, redacted.text = text;
    event("content_block_start", at() + ",\"content_block\":" + block_json(redacted, names_));
  }
  void signature(string_view text) override { delta("signature_delta", "signature", text); }
  void shut(Block, const Tool*) override {
    event("content_block_stop", at());
    ++index_;
  }
  void finish(string_view reason, const Usage& usage) override {
    event("message_delta", ",\"delta\":{\"stop_reason\":" + json_string(stop_reason(reason)) +
                               ",\"stop_sequence\":null},\"usage\":" + usage_json(usage));
    event("message_stop", "");
  }

  ToolNames names_;
  std::string id_, model_;
  std::size_t index_ = 0;
};

std::unique_ptr<Writer> writer(const Side& side) { return std::make_unique<MessagesWriter>(side); }

} // namespace

const Bridge k_messages{Endpoint::messages, messages_request, answer, writer};

} // namespace switchyard::providers::inbound
