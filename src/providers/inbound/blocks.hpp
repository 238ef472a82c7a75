// A chat answer as a sequence of blocks (thinking, text, tool calls), one after the other: what the
// block-wise APIs are written from, streamed or whole. One per answer, one shard.
#pragma once

#include "providers/inbound/inbound.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace switchyard::providers::inbound {

enum class Block : std::uint8_t { none, thinking, redacted, text, tool };

class BlockWriter : public Writer {
 public:
  /// `call_id` makes ids for tool calls that came without one.
  explicit BlockWriter(std::string_view call_id) : call_id_(call_id) {}
  void chunk(const Value& chunk, std::string& out) final;
  void close(const Usage& usage, std::string& out) final;
  /// A whole answer, as if it were one chunk.
  void whole(const Value& chat, const Usage& usage, std::string& out);

 protected:
  struct Tool {
    std::int64_t index = -1;
    std::string id, name, arguments;
    std::size_t sent = 0, checked = 0; ///< bytes of the arguments
  };
  /// Before anything else; `first` = the first chunk.
  virtual void begin(const Value& first) = 0;
  /// A block starts. `tool` has its id and name; a redacted block's data comes as its only piece.
  virtual void open(Block block, const Tool* tool) = 0;
  virtual void piece(Block block, std::string_view text) = 0;
  virtual void signature(std::string_view) {} ///< of the open thinking block
  virtual void shut(Block block, const Tool* tool) = 0;
  virtual void annotations(const ValueList&) {} ///< of the open (or last) text
  /// All blocks are shut. `reason` = OpenAI's finish_reason.
  virtual void finish(std::string_view reason, const Usage& usage) = 0;
  std::string& out() { return *out_; }

 private:
  void delta(const Value& delta);
  void think(const Value& delta);
  void say(Block block, std::string_view text);
  void take_call(const Value& call);
  Tool& tool_at(const Value& call, std::string_view id, std::string_view name);
  /// Writes what may be written of the tools; all of it when nothing more will come.
  void advance(bool last);
  void open_block(Block block);
  void shut_block();
  std::string* out_ = nullptr;
  std::vector<Tool> tools_;
  std::size_t current_ = 0; ///< the tool being written; those before are done
  Block block_ = Block::none;
  bool began_ = false, closed_ = false, signed_ = false;
  std::string reason_, call_id_;
};

/// Blocks of a whole answer.
struct Piece {
  Block block = Block::none;
  std::string text, signature, id, name; ///< text = what was thought or said, the data, the arguments
  ValueList annotations;
};
struct Blocks {
  std::vector<Piece> pieces;
  std::string reason;
};
Blocks read_blocks(const Value& chat, std::string_view call_id);

} // namespace switchyard::providers::inbound
