// Ollama's streams: one JSON object per line, of chat and of generate. One decoder per stream, one shard.
#include "providers/family/chunks.hpp"
#include "providers/ollama/ollama.hpp"

#include <switchyard/json.hpp>

namespace switchyard::providers::ollama {
namespace {

using std::string_view;

class OllamaStream final : public ChunkStream {
 public:
  OllamaStream(const FamilyTarget& target, const Call& call, string_view model)
      : ChunkStream(target, call, model), first_id_(made_call_id(call, 0)),
        held_(calls_by_prompt(target, call)) {}

 private:
  void on_data(string_view, string_view data) override {
    auto line = parse_json(data);
    if (!line || !line->as_map()) return fail(invalid_answer(target_, data));
    if (line->find("error")) return fail(upstream_error(target_, 500, data));
    auto* message = map_at(*line, "message");
    auto& said = message ? *message : *line;
    reasoning(text_at(said, "thinking"));
    add(splitter_.feed(text_at(said, message ? "content" : "response")));
    for (auto& call : message ? past_calls(*message) : std::vector<PastCall>{})
      whole_call(std::string(call.id), call.name, to_json(call.arguments));
    auto* done = line->find("done");
    if (!done || !done->as_bool() || !*done->as_bool()) return;
    on_last();
    read_usage(*line, usage_);
    finish_with(finish_reason(text_at(*line, "done_reason")));
    end();
  }

  /// What was held back: the start of a tag that was none, and the JSON that may be a call.
  void on_last() override {
    add(splitter_.flush());
    if (!held_) return;
    held_ = false;
    Call nameless;
    if (auto call = call_of_text(nameless, json_))
      whole_call("", call->name, call->arguments);
    else
      text(json_);
  }

  void add(const ThinkSplitter::Pieces& pieces) {
    reasoning(pieces.reasoning);
    if (held_)
      json_ += pieces.text;
    else
      text(pieces.text);
  }

  void whole_call(const std::string& id, string_view name, const std::string& arguments) {
    const auto index = calls_++;
    tool(index, !id.empty() ? id : first_id_ + (index ? "_" + std::to_string(index) : ""), name, arguments);
  }

  ThinkSplitter splitter_;
  std::string first_id_, json_;
  bool held_; ///< the text may be a tool call: it is looked at when all of it is there
  int calls_ = 0;
};

} // namespace

std::unique_ptr<StreamDecoder> stream(const FamilyTarget& target, const Call& call, string_view model) {
  return std::make_unique<OllamaStream>(target, call, model);
}

} // namespace switchyard::providers::ollama
