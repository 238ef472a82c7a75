// Events of the responses API as chat chunks. One decoder per stream, on one shard.
#include "providers/inbound/to_responses.hpp"

#include <vector>

namespace switchyard::providers::inbound {
namespace {

using std::string_view;

class ChatOfResponses final : public StreamDecoder {
 public:
  ChatOfResponses(std::unique_ptr<StreamDecoder> inner, const Call& call, string_view client_model)
      : inner_(std::move(inner)), usage_wanted_(call.stream_usage_wanted),
        id_("chatcmpl-" + std::string(call.call_id)), model_(client_model), created_(seconds(call)) {}

  void on_event(string_view frame, string_view event, string_view data, StreamEvent& out) override {
    inner_->on_event(frame, event, data, event_);
    out.clear();
    if (event_.error.code != Errc::none) {
      out.error = std::move(event_.error);
      return;
    }
    out.content = event_.content;
    auto parsed = parse_json(data);
    if (parsed && parsed->as_map() && !ended_) convert(*parsed, out);
    publish(out);
  }
  void finish(StreamEvent& out) override {
    out.clear();
    if (!ended_) end("stop", out);
    publish(out);
  }
  bool complete() const override { return ended_; }
  const Usage& usage() const override { return inner_->usage(); }

 private:
  void convert(const Value& event, StreamEvent& out) {
    auto type = text_at(event, "type");
    auto delta = text_at(event, "delta");
    if (type == "response.created") return remember(event);
    if (type == "response.output_text.delta") return add("content", json_string(delta), out);
    if (type == "response.refusal.delta") return add("refusal", json_string(delta), out);
    if (type == "response.reasoning_summary_text.delta" || type == "response.reasoning_text.delta")
      return add("reasoning_content", json_string(delta), out);
    if (type == "response.output_item.added") return begin_call(event, out);
    if (type == "response.function_call_arguments.delta") return grow_call(event, delta, out);
    if (type != "response.completed" && type != "response.incomplete") return;
    auto* response = event.find("response");
    end(response ? finish_of_response(*response) : "stop", out);
  }

  void remember(const Value& event) {
    auto* response = event.find("response");
    if (!response) return;
    if (auto id = text_at(*response, "id"); !id.empty()) id_ = id;
    if (model_.empty()) model_ = text_at(*response, "model");
  }

  std::string head() const {
    return "data: {\"id\":" + json_string(id_) + R"(,"object":"chat.completion.chunk","created":)" +
           std::to_string(created_) + ",\"model\":" + json_string(model_) + ",\"choices\":";
  }
  /// One chunk; its choices are what the event shows of it.
  void chunk(const std::string& delta, const std::string& finish, StreamEvent& out) {
    out.owned += head();
    choices_at_ = out.owned.size();
    out.owned += "[{\"index\":0,\"delta\":{" + delta + "},\"finish_reason\":" + finish + "}]";
    choices_size_ = out.owned.size() - choices_at_;
    out.owned += "}\n\n";
  }
  void add(string_view key, const std::string& json, StreamEvent& out) {
    std::string delta = role_sent_ ? "" : R"("role":"assistant",)";
    role_sent_ = true;
    chunk(delta + "\"" + std::string(key) + "\":" + json, "null", out);
  }

  std::int64_t output_index(const Value& event) const {
    auto* index = event.find("output_index");
    return index && index->as_int() ? *index->as_int() : -1;
  }
  void begin_call(const Value& event, StreamEvent& out) {
    auto* item = event.find("item");
    if (!item || text_at(*item, "type") != "function_call") return;
    calls_.push_back(output_index(event));
    add("tool_calls",
        "[{\"index\":" + std::to_string(calls_.size() - 1) +
            ",\"id\":" + json_string(text_at(*item, "call_id")) +
            R"(,"type":"function","function":{"name":)" + json_string(text_at(*item, "name")) +
            ",\"arguments\":" + json_string(text_at(*item, "arguments")) + "}}]",
        out);
  }
  void grow_call(const Value& event, string_view delta, StreamEvent& out) {
    for (std::size_t i = 0; i < calls_.size(); ++i)
      if (calls_[i] == output_index(event))
        return add("tool_calls",
                   "[{\"index\":" + std::to_string(i) + R"(,"function":{"arguments":)" + json_string(delta) +
                       "}}]",
                   out);
  }

  void end(string_view finish, StreamEvent& out) {
    ended_ = out.done = true;
    chunk("", json_string(finish == "stop" && !calls_.empty() ? "tool_calls" : finish), out);
    if (usage_wanted_ && inner_->usage().present)
      out.owned += head() + "[],\"usage\":" + write_usage(inner_->usage()) + "}\n\n";
    out.owned += "data: [DONE]\n\n";
  }
  void publish(StreamEvent& out) {
    if (out.owned.empty()) return;
    out.data.push_back(out.owned);
    out.choices = string_view(out.owned).substr(choices_at_, choices_size_);
  }

  std::unique_ptr<StreamDecoder> inner_;
  StreamEvent event_;
  bool usage_wanted_, role_sent_ = false, ended_ = false;
  std::string id_, model_;
  std::int64_t created_;
  std::vector<std::int64_t> calls_; ///< their output_index
  std::size_t choices_at_ = 0, choices_size_ = 0;
};

} // namespace

std::unique_ptr<StreamDecoder> chat_of_responses(std::unique_ptr<StreamDecoder> inner, const Call& call,
                                                 string_view client_model) {
  return std::make_unique<ChatOfResponses>(std::move(inner), call, client_model);
}

} // namespace switchyard::providers::inbound
