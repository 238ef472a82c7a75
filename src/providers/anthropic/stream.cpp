// A Messages stream as OpenAI's chat chunks (spec providers.md 3.2). One per stream, one shard.
#include "providers/anthropic/parts.hpp"
#include "providers/family/chat.hpp"
#include "providers/family/chunks.hpp"

namespace switchyard::providers::anthropic {
namespace {

using std::string_view;

class ChatStream final : public ChunkStream {
 public:
  using ChunkStream::ChunkStream;

 private:
  struct Row {
    string_view type;
    void (ChatStream::*read)(const Value&);
  };

  template <std::size_t N>
  void dispatch(const Row (&rows)[N], string_view type, const Value& value) {
    for (auto& row : rows)
      if (row.type == type) return (this->*row.read)(value);
  }

  void on_data(string_view, string_view data) override {
    static constexpr Row k_events[] = {
        {"message_start", &ChatStream::start},         {"content_block_start", &ChatStream::block_start},
        {"content_block_delta", &ChatStream::delta},   {"content_block_stop", &ChatStream::block_stop},
        {"message_delta", &ChatStream::message_delta}, {"message_stop", &ChatStream::stop}};
    if (data == "[DONE]") return; // of hosts that imitate two APIs
    auto parsed = parse_json(data);
    if (!parsed) return fail(invalid_answer(target_, data));
    const auto type = text_at(*parsed, "type");
    if (type == "error") return fail(stream_error(target_, data));
    dispatch(k_events, type, *parsed);
  }

  void start(const Value& event) {
    auto* message = event.find("message");
    if (!message) return;
    id(text_at(*message, "id"));
    if (auto* usage = message->find("usage")) read_usage(*usage, usage_);
  }

  void block_start(const Value& event) {
    static constexpr Row k_blocks[] = {{"text", &ChatStream::text_block},
                                       {"tool_use", &ChatStream::tool_block},
                                       {"server_tool_use", &ChatStream::tool_block},
                                       {"thinking", &ChatStream::thinking_block},
                                       {"redacted_thinking", &ChatStream::redacted_block}};
    kind_ = Kind::other, argument_bytes_ = 0;
    auto* block = event.find("content_block");
    if (!block) return;
    const auto type = text_at(*block, "type");
    dispatch(k_blocks, type, *block);
    if (type.ends_with("_tool_result"))
      fields(type == "web_search_tool_result" ? "web_search_results" : "tool_results",
             Value(ValueList{*block}));
  }

  void text_block(const Value& block) { text(text_at(block, "text")); }
  void thinking_block(const Value& block) {
    thought(text_at(block, "thinking"), text_at(block, "signature"));
  }
  void redacted_block(const Value& block) { member("thinking_blocks", to_json(Value(ValueList{block}))); }
  void tool_block(const Value& block) {
    const auto name = text_at(block, "name");
    if (name == k_json_tool) {
      kind_ = Kind::json, json_ = true;
    } else {
      const bool called = saw_tool_;
      kind_ = Kind::tool, ++tool_;
      tool(tool_, text_at(block, "id"), name);
      // What Claude's host runs itself leaves the client nothing to do.
      if (text_at(block, "type") == "server_tool_use") saw_tool_ = called;
    }
    auto* input = block.find("input");
    if (input && !map_of(*input).empty()) arguments(to_json(*input));
  }

  void arguments(string_view fragment) {
    argument_bytes_ += fragment.size();
    if (kind_ == Kind::json)
      json_piece(fragment);
    else if (kind_ == Kind::tool)
      tool_arguments(tool_, fragment);
  }

  /// {"values":..} is known only when it is whole; everything else passes as it comes.
  void json_piece(string_view fragment) {
    constexpr string_view k_wrapped = "{\"values\"";
    if (json_passes_) return text(fragment);
    held_ += fragment;
    std::string start;
    for (std::size_t i = 0; i < held_.size() && start.size() < k_wrapped.size(); ++i)
      if (held_[i] != ' ' && held_[i] != '\n') start += held_[i];
    if (k_wrapped.starts_with(start)) return; // may be, or is
    json_passes_ = true;
    text(std::exchange(held_, {}));
  }

  void delta(const Value& event) {
    static constexpr Row k_deltas[] = {{"text_delta", &ChatStream::text_delta},
                                       {"input_json_delta", &ChatStream::json_delta},
                                       {"thinking_delta", &ChatStream::thinking_block},
                                       {"signature_delta", &ChatStream::thinking_block},
                                       {"citations_delta", &ChatStream::citation_delta}};
    if (auto* found = event.find("delta")) dispatch(k_deltas, text_at(*found, "type"), *found);
  }
  void text_delta(const Value& delta) { text(text_at(delta, "text")); }
  void json_delta(const Value& delta) { arguments(text_at(delta, "partial_json")); }
  void citation_delta(const Value& delta) {
    if (auto* citation = delta.find("citation")) fields("citation", *citation);
  }

  /// reasoning_content and the block's part in one chunk; the signature comes last.
  void thought(string_view thinking, string_view signature) {
    if (thinking.empty() && signature.empty()) return;
    const auto blocks = to_json(Value(ValueList{Value(ValueMap{{"type", text_value("thinking")},
                                                               {"thinking", text_value(thinking)},
                                                               {"signature", text_value(signature)}})}));
    if (thinking.empty()) return member("thinking_blocks", blocks);
    member("reasoning_content", to_json(text_value(thinking)) + ",\"thinking_blocks\":" + blocks);
  }

  void fields(string_view key, Value value) {
    member("provider_specific_fields", to_json(Value(ValueMap{{std::string(key), std::move(value)}})));
  }

  void block_stop(const Value&) {
    if (kind_ == Kind::tool && argument_bytes_ == 0) tool_arguments(tool_, "{}");
    if (!held_.empty()) text(json_tool_content(std::exchange(held_, {})));
    kind_ = Kind::other;
  }

  void message_delta(const Value& event) {
    if (auto* usage = event.find("usage")) read_usage(*usage, usage_);
    auto* delta = event.find("delta");
    const auto reason = delta ? text_at(*delta, "stop_reason") : string_view{};
    if (reason.empty()) return;
    auto finish = finish_reason(reason);
    if (json_ && !saw_tool_ && finish == "tool_calls") finish = "stop";
    finish_with(finish);
  }

  void stop(const Value&) { end(); }
  void on_last() override {
    if (!held_.empty()) text(std::exchange(held_, {}));
  }

  enum class Kind : std::uint8_t { other, tool, json };
  Kind kind_ = Kind::other;
  int tool_ = -1;
  std::size_t argument_bytes_ = 0; ///< of the block that is open
  bool json_ = false;              ///< the JSON tool was called
  bool json_passes_ = false;       ///< its arguments are the content
  std::string held_;               ///< arguments that may have to be unwrapped
};

} // namespace

std::unique_ptr<StreamDecoder> stream(const FamilyTarget& target, const Call& call,
                                      string_view client_model) {
  if (call.endpoint != Endpoint::chat) return relay_stream(target, call, client_model);
  return std::make_unique<ChatStream>(target, call, client_model);
}

} // namespace switchyard::providers::anthropic
