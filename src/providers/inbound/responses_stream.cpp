// The event stream of a bridged response: items open, grow and close one after the other, each event numbered
// (spec providers.md 7.3). One writer per stream, one shard.
#include "providers/inbound/responses.hpp"

namespace switchyard::providers::inbound {
namespace {

using std::string_view;

class ResponsesWriter final : public BlockWriter {
 public:
  explicit ResponsesWriter(const Side& side) : BlockWriter(side.call.call_id), form_(side) {}

 private:
  void event(string_view type, const std::string& members) {
    out().append("event: ").append(type).append("\ndata: {\"type\":\"").append(type);
    out().append("\",\"sequence_number\":").append(std::to_string(number_++)).append(",");
    out().append(members).append("}\n\n");
  }
  std::string output_index() const { return "\"output_index\":" + std::to_string(index_); }
  /// Where a delta belongs; `part` = "content_index" or "summary_index", or nothing.
  std::string place(string_view part = {}) const {
    auto out = "\"item_id\":" + json_string(form_.item_id(piece_, index_)) + "," + output_index();
    return part.empty() ? out : out + ",\"" + std::string(part) + "\":0";
  }
  static std::string summary_part(string_view text) {
    return R"(,"part":{"type":"summary_text","text":)" + json_string(text) + "}";
  }

  void begin(const Value& first) override {
    model_ = text_at(first, "model");
    auto response = "\"response\":" + form_.response("in_progress", model_, "", "null", {});
    event("response.created", response);
    event("response.in_progress", response);
  }

  void open(Block block, const Tool* tool) override {
    piece_ = Piece{};
    piece_.block = block;
    if (tool) piece_.id = tool->id, piece_.name = tool->name;
    event("response.output_item.added",
          output_index() + ",\"item\":" + form_.item(piece_, index_, "in_progress"));
    if (block == Block::text)
      event("response.content_part.added",
            place("content_index") + ",\"part\":" + ResponseForm::text_part(piece_));
    if (block == Block::thinking)
      event("response.reasoning_summary_part.added", place("summary_index") + summary_part(""));
  }

  void piece(Block block, string_view text) override {
    piece_.text += text;
    auto delta = ",\"delta\":" + json_string(text);
    if (block == Block::text)
      event("response.output_text.delta", place("content_index") + delta + ",\"logprobs\":[]");
    else if (block == Block::thinking)
      event("response.reasoning_summary_text.delta", place("summary_index") + delta);
    else if (block == Block::tool && has_arguments())
      event("response.function_call_arguments.delta", place() + delta);
  }
  void signature(string_view text) override { piece_.signature += text; }
  void annotations(const ValueList& list) override {
    if (piece_.block == Block::text)
      piece_.annotations.insert(piece_.annotations.end(), list.begin(), list.end());
  }

  /// Other tools' arguments are no JSON text: they come at the end.
  bool has_arguments() const { return form_.item_id(piece_, index_).starts_with("fc_"); }

  void shut_text() {
    auto text = json_string(piece_.text);
    event("response.output_text.done", place("content_index") + ",\"text\":" + text + ",\"logprobs\":[]");
    event("response.content_part.done",
          place("content_index") + ",\"part\":" + ResponseForm::text_part(piece_));
  }
  void shut_thinking() {
    event("response.reasoning_summary_text.done",
          place("summary_index") + ",\"text\":" + json_string(piece_.text));
    event("response.reasoning_summary_part.done", place("summary_index") + summary_part(piece_.text));
  }
  void shut_tool() {
    if (has_arguments()) {
      auto arguments = json_string(piece_.text.empty() ? "{}" : piece_.text);
      return event("response.function_call_arguments.done", place() + ",\"arguments\":" + arguments);
    }
    if (!form_.is_custom(piece_.name)) return;
    auto input = json_string(ResponseForm::custom_input(piece_.text));
    event("response.custom_tool_call_input.delta", place() + ",\"delta\":" + input);
    event("response.custom_tool_call_input.done", place() + ",\"input\":" + input);
  }
  void shut(Block block, const Tool*) override {
    if (block == Block::text) shut_text();
    if (block == Block::thinking) shut_thinking();
    if (block == Block::tool) shut_tool();
    auto item = form_.item(piece_, index_, "completed");
    event("response.output_item.done", output_index() + ",\"item\":" + item);
    output_ += (output_.empty() ? "" : ",") + item;
    ++index_;
  }

  void finish(string_view reason, const Usage& usage) override {
    auto status = ResponseForm::status(reason);
    event("response." + std::string(status),
          "\"response\":" + form_.response(status, model_, output_, ResponseForm::usage(usage), reason));
  }

  ResponseForm form_;
  Piece piece_;
  std::string output_, model_;
  std::size_t index_ = 0;
  std::int64_t number_ = 0;
};

} // namespace

std::unique_ptr<Writer> responses_writer(const Side& side) { return std::make_unique<ResponsesWriter>(side); }

} // namespace switchyard::providers::inbound
