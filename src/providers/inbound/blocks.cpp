// Turns chat deltas into blocks. Parallel tool calls are written one after the other: the next one starts
// once the arguments of the one before are whole, since blocks cannot be reopened. Pure, one shard.
#include "providers/inbound/blocks.hpp"

#include <switchyard/json_scan.hpp>

#include <utility>

namespace switchyard::providers::inbound {

using std::string_view;

namespace {

bool is_object(string_view text) {
  auto end = text.find_last_not_of(" \t\r\n");
  ObjectScan scan;
  return end != string_view::npos && text[end] == '}' && scan_object(text, scan).has_value();
}

} // namespace

void BlockWriter::chunk(const Value& chunk, std::string& out) {
  if (closed_) return;
  out_ = &out;
  if (!std::exchange(began_, true)) begin(chunk);
  auto& choices = list_at(chunk, "choices");
  if (choices.empty()) return;
  auto& choice = choices.front();
  double index = 0;
  if (auto* at = choice.find("index"); at && at->number(index) && index != 0)
    return; // one answer is all there is
  auto* found = choice.find("delta");
  if (!found) found = choice.find("message");
  if (found) delta(*found);
  if (auto reason = text_at(choice, "finish_reason"); !reason.empty()) reason_ = reason;
}

void BlockWriter::close(const Usage& usage, std::string& out) {
  if (std::exchange(closed_, true)) return;
  out_ = &out;
  if (!std::exchange(began_, true)) begin(Value(ValueMap{}));
  advance(true);
  shut_block();
  if (reason_.empty()) reason_ = "stop";
  if (reason_ == "stop" && !tools_.empty()) reason_ = "tool_calls";
  finish(reason_, usage);
}

void BlockWriter::whole(const Value& chat, const Usage& usage, std::string& out) {
  chunk(chat, out);
  close(usage, out);
}

void BlockWriter::delta(const Value& delta) {
  think(delta);
  if (auto* content = delta.find("content")) say(Block::text, content_text(*content));
  say(Block::text, text_at(delta, "refusal"));
  if (auto& notes = list_at(delta, "annotations"); !notes.empty()) annotations(notes);
  for (auto& call : list_at(delta, "tool_calls")) take_call(call);
  if (auto* function = delta.find("function_call"); function && function->as_map())
    take_call(Value(ValueMap{{"index", num(0)}, {"function", *function}}));
  advance(false);
}

/// thinking_blocks say what reasoning_content says, and more.
void BlockWriter::think(const Value& delta) {
  auto& blocks = list_at(delta, "thinking_blocks");
  if (blocks.empty()) return say(Block::thinking, text_at(delta, "reasoning_content"));
  for (auto& block : blocks) {
    if (auto data = text_at(block, "data"); !data.empty()) {
      say(Block::redacted, data);
      shut_block();
      continue;
    }
    if (std::exchange(signed_, false) && block_ == Block::thinking && !text_at(block, "thinking").empty())
      shut_block(); // a signature ends its block
    say(Block::thinking, text_at(block, "thinking"));
    auto sign = text_at(block, "signature");
    if (sign.empty()) continue;
    open_block(Block::thinking);
    signature(sign);
    signed_ = true;
  }
}

void BlockWriter::say(Block block, string_view text) {
  if (text.empty()) return;
  open_block(block);
  piece(block, text);
}

void BlockWriter::open_block(Block block) {
  if (block_ == block) return;
  advance(true);
  shut_block();
  block_ = block;
  open(block, nullptr);
}

void BlockWriter::shut_block() {
  if (block_ == Block::none) return;
  shut(block_, block_ == Block::tool && current_ < tools_.size() ? &tools_[current_] : nullptr);
  block_ = Block::none;
}

// -- tools

/// By index; a new id at an old index is another call (some servers number all of them 0). Whole answers have
/// no index.
BlockWriter::Tool& BlockWriter::tool_at(const Value& call, string_view id, string_view name) {
  auto* at = call.find("index");
  auto* index = at ? at->as_int() : nullptr;
  for (auto tool = tools_.rbegin(); tool != tools_.rend(); ++tool) {
    if (index && tool->index != *index) continue;
    const bool other = !id.empty() && !tool->id.empty() && tool->id != id;
    const bool named = !index && !name.empty() && id.empty();
    if (other || named || (!index && tool->id != id && !id.empty())) break;
    return *tool;
  }
  Tool tool;
  tool.index = index ? *index : -1;
  tools_.push_back(std::move(tool));
  return tools_.back();
}

void BlockWriter::take_call(const Value& call) {
  auto* function = call.find("function");
  if (!function || !function->as_map()) return;
  auto id = text_at(call, "id"), name = text_at(*function, "name");
  auto& tool = tool_at(call, id, name);
  if (tool.id.empty()) tool.id = id;
  if (tool.name.empty()) tool.name = name;
  auto* arguments = function->find("arguments");
  if (!arguments || arguments->is_null()) return;
  tool.arguments += arguments->as_string() ? *arguments->as_string() : to_json(*arguments);
}

void BlockWriter::advance(bool last) {
  while (current_ < tools_.size()) {
    auto& tool = tools_[current_];
    if (block_ != Block::tool) {
      if (tool.name.empty() && !last) return;
      if (tool.id.empty()) tool.id = "call_" + call_id_ + "_" + std::to_string(current_);
      shut_block();
      block_ = Block::tool;
      open(Block::tool, &tool);
    }
    if (tool.sent < tool.arguments.size()) {
      piece(Block::tool, string_view(tool.arguments).substr(tool.sent));
      tool.sent = tool.arguments.size();
    }
    if (!last) {
      if (current_ + 1 == tools_.size() || tool.checked == tool.arguments.size()) return;
      tool.checked = tool.arguments.size();
      if (!is_object(tool.arguments)) return;
    }
    shut_block();
    ++current_;
  }
}

// -- whole answers

namespace {

class Collector final : public BlockWriter {
 public:
  explicit Collector(string_view call_id) : BlockWriter(call_id) {}
  Blocks blocks;

 private:
  void begin(const Value&) override {}
  void open(Block block, const Tool* tool) override {
    Piece piece;
    piece.block = block;
    if (tool) piece.id = tool->id, piece.name = tool->name;
    blocks.pieces.push_back(std::move(piece));
  }
  void piece(Block, string_view text) override { blocks.pieces.back().text += text; }
  void signature(string_view text) override { blocks.pieces.back().signature += text; }
  void shut(Block, const Tool*) override {}
  void annotations(const ValueList& list) override {
    if (!blocks.pieces.empty()) blocks.pieces.back().annotations = list;
  }
  void finish(string_view reason, const Usage&) override { blocks.reason = reason; }
};

} // namespace

Blocks read_blocks(const Value& chat, string_view call_id) {
  Collector collector(call_id);
  std::string unused;
  collector.whole(chat, Usage{}, unused);
  return std::move(collector.blocks);
}

} // namespace switchyard::providers::inbound
