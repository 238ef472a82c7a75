// Cohere's streams: v2 as server-sent events, v1 and generate as JSON lines. One decoder per stream, one
// shard.
#include "providers/cohere/cohere.hpp"
#include "providers/family/chat.hpp"
#include "providers/family/chunks.hpp"

#include <switchyard/json.hpp>

#include <algorithm>

namespace switchyard::providers::cohere {
namespace {

using std::string_view;

class V2Stream final : public ChunkStream {
 public:
  using ChunkStream::ChunkStream;

 private:
  using Handler = void (V2Stream::*)(const Value& event, const Value& message);
  struct Row {
    string_view type;
    Handler run;
  };
  void on_data(string_view event, string_view data) override {
    static constexpr Row k_events[] = {{"content-start", &V2Stream::content},
                                       {"content-delta", &V2Stream::content},
                                       {"tool-plan-delta", &V2Stream::plan},
                                       {"tool-call-start", &V2Stream::call_start},
                                       {"tool-call-delta", &V2Stream::call_delta},
                                       {"citation-start", &V2Stream::citation},
                                       {"message-end", &V2Stream::last}};
    if (data == "[DONE]") return end();
    auto parsed = parse_json(data);
    if (!parsed || !parsed->as_map()) return fail(invalid_answer(target_, data));
    static const Value k_none{ValueMap{}};
    auto* delta = map_at(*parsed, "delta");
    auto* message = delta ? map_at(*delta, "message") : nullptr;
    const auto type = text_at(*parsed, "type", event);
    if (type == "message-start") return id(text_at(*parsed, "id"));
    for (auto& row : k_events)
      if (row.type == type) return (this->*row.run)(*parsed, message ? *message : k_none);
    if (type.empty() && parsed->find("message")) fail(upstream_error(target_, 500, data));
  }

  void content(const Value&, const Value& message) {
    auto* content = map_at(message, "content");
    if (!content) return;
    reasoning(text_at(*content, "thinking"));
    text(text_at(*content, "text"));
  }
  void plan(const Value&, const Value& message) { reasoning(text_at(message, "tool_plan")); }

  void call_start(const Value& event, const Value& message) {
    auto* made = map_at(message, "tool_calls");
    auto* function = made ? map_at(*made, "function") : nullptr;
    if (!function) return;
    indexes_.push_back(count_at(event, "index"));
    tool(static_cast<int>(indexes_.size()) - 1, text_at(*made, "id"), text_at(*function, "name"),
         text_at(*function, "arguments"));
  }
  void call_delta(const Value& event, const Value& message) {
    auto* made = map_at(message, "tool_calls");
    auto* function = made ? map_at(*made, "function") : nullptr;
    auto at = std::find(indexes_.rbegin(), indexes_.rend(), count_at(event, "index"));
    if (function && at != indexes_.rend())
      tool_arguments(static_cast<int>(indexes_.rend() - at) - 1, text_at(*function, "arguments"));
  }

  void citation(const Value&, const Value& message) {
    auto* one = message.find("citations");
    if (!one) return;
    const auto annotations = annotations_of(one->as_list() ? *one->as_list() : ValueList{*one});
    if (!annotations.as_list()->empty()) member("annotations", to_json(annotations));
  }

  void last(const Value& event, const Value&) {
    auto* found = map_at(event, "delta");
    const Value delta = found ? *found : Value(ValueMap{});
    if (!text_at(delta, "error").empty()) return fail(upstream_error(target_, 500, to_json(delta)));
    read_usage(map_at(delta, "usage"), usage_);
    finish_with(finish_reason(text_at(delta, "finish_reason")));
    end();
  }

  std::vector<std::uint32_t> indexes_; ///< Cohere's, of the calls in their order
};

class V1Stream final : public ChunkStream {
 public:
  V1Stream(const FamilyTarget& target, const Call& call, string_view model)
      : ChunkStream(target, call, model), first_id_(made_call_id(call, 0)) {}

 private:
  void on_data(string_view, string_view data) override {
    auto parsed = parse_json(data);
    if (!parsed || !parsed->as_map()) return fail(invalid_answer(target_, data));
    auto* finished = parsed->find("is_finished");
    const bool over = finished && finished->as_bool() && *finished->as_bool();
    const auto type = text_at(*parsed, "event_type", over ? "stream-end" : "text-generation");
    if (type == "stream-end" || over) return last(*parsed);
    if (type == "stream-start") return id(text_at(*parsed, "generation_id"));
    if (type == "text-generation" && parsed->find("text")) return text(text_at(*parsed, "text"));
    if (type == "tool-calls-chunk") return call_chunk(*parsed);
    if (type == "tool-calls-generation") return whole_calls(*parsed);
    if (type == "citation-generation") return citation(*parsed);
    if (parsed->find("message")) fail(upstream_error(target_, 500, data));
  }

  void call_chunk(const Value& event) {
    reasoning(text_at(event, "text"));
    auto* delta = map_at(event, "tool_call_delta");
    if (!delta) return;
    const auto index = static_cast<int>(std::min(count_at(*delta, "index"), 1000u));
    if (auto name = text_at(*delta, "name"); !name.empty()) tool(index, id_of(index), name);
    if (saw_tool_) tool_arguments(index, text_at(*delta, "parameters"));
  }
  /// The calls in one piece: news only when they did not come in pieces before.
  void whole_calls(const Value& event) {
    if (saw_tool_) return;
    int index = 0;
    for (auto& call : list_at(event, "tool_calls")) {
      auto* parameters = call.find("parameters");
      tool(index, id_of(index), text_at(call, "name"), parameters ? to_json(*parameters) : "{}");
      ++index;
    }
  }
  void citation(const Value& event) {
    const auto annotations = annotations_of(list_at(event, "citations"));
    if (!annotations.as_list()->empty()) member("annotations", to_json(annotations));
  }
  void last(const Value& event) {
    auto* response = map_at(event, "response");
    auto reason = text_at(event, "finish_reason");
    if (reason == "ERROR") return fail(upstream_error(target_, 500, to_json(event)));
    if (response && !saw_tool_) whole_calls(*response);
    if (response) read_usage(map_at(*response, "meta"), usage_);
    finish_with(finish_reason(reason));
    end();
  }
  std::string id_of(int index) const { return first_id_ + (index ? "_" + std::to_string(index) : ""); }

  std::string first_id_;
};

} // namespace

std::unique_ptr<StreamDecoder> stream_v2(const FamilyTarget& target, const Call& call, string_view model) {
  return std::make_unique<V2Stream>(target, call, model);
}

std::unique_ptr<StreamDecoder> stream_v1(const FamilyTarget& target, const Call& call, string_view model) {
  return std::make_unique<V1Stream>(target, call, model);
}

} // namespace switchyard::providers::cohere
