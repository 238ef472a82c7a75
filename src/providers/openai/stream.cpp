// Server-sent events, one by one: `model` restamped, usage read, errors mapped, the rest byte for byte. One
// decoder per stream, on one shard; after its first events it allocates nothing.
#include "providers/openai/answer.hpp"
#include "providers/openai/decode.hpp"
#include "providers/openai/errors.hpp"
#include "providers/openai/json_edit.hpp"

#include <algorithm>

namespace switchyard::providers {
namespace {

using std::string_view;

constexpr ScanOptions k_strict{256, 65536, false};

bool is_empty_array(string_view raw) {
  return raw.size() >= 2 && raw.front() == '[' && raw.find_first_not_of(" \t\r\n", 1) == raw.size() - 1;
}

class OpenAiStream final : public StreamDecoder {
 public:
  OpenAiStream(const OpenAiTarget& target, const Call& call, string_view client_model)
      : target_(target), responses_(call.endpoint == Endpoint::responses),
        usage_wanted_(call.stream_usage_wanted),
        model_(client_model.empty() ? std::string{} : json_string(client_model)) {}

  void on_event(string_view, string_view event, string_view data, StreamEvent& out) override {
    out.clear();
    if (data.empty()) return;
    if (data == "[DONE]") {
      out.done = true;
      out.data.push_back("data: [DONE]\n\n");
      return;
    }
    data = one_line(data);
    if (!scan_object(data, scan_, k_strict)) {
      out.error = make_invalid_answer(target_, data);
      return;
    }
    if (target_.row->has(k_reasoning_field)) data = rename_in_choices(data);
    responses_ ? responses_event(event, data, out) : chunk(event, data, out);
  }

  const Usage& usage() const override { return usage_; }

 private:
  void chunk(string_view event, string_view data, StreamEvent& out) {
    if (auto* error = scan_.find("error"); error && error->kind != JsonKind::null)
      return fail(scan_.raw(*error), data, out);
    bool has_usage = take_usage(scan_);
    auto* choices = scan_.find("choices");
    bool bare = choices && is_empty_array(scan_.raw(*choices));
    if (bare && has_usage && !usage_wanted_) return; // nobody asked for it
    if (bare && !has_usage && scan_.find("prompt_filter_results")) return;
    auto* model = scan_.find("model");
    if (model && model->kind == JsonKind::string)
      emit(event, data, model->value_begin, model->value_end, out);
    else
      emit(event, data, 0, 0, out);
  }

  // Most events have no `response`; those that do hold model and usage inside it.
  void responses_event(string_view event, string_view data, StreamEvent& out) {
    auto* type = scan_.find("type");
    if (type && scan_.raw(*type) == "\"error\"") {
      auto* error = scan_.find("error");
      return fail(error ? scan_.raw(*error) : data, data, out);
    }
    auto* response = scan_.find("response");
    if (!response || response->kind != JsonKind::object ||
        !scan_object(scan_.raw(*response), inner_, k_strict))
      return emit(event, data, 0, 0, out);
    take_usage(inner_);
    auto* model = inner_.find("model");
    if (!model || model->kind != JsonKind::string) return emit(event, data, 0, 0, out);
    emit(event, data, response->value_begin + model->value_begin, response->value_begin + model->value_end,
         out);
  }

  void fail(string_view error_json, string_view data, StreamEvent& out) {
    out.error = make_upstream_error(target_, embedded_status(error_json), data);
  }

  bool take_usage(const ObjectScan& object) {
    auto* usage = object.find("usage");
    if (!usage || usage->kind != JsonKind::object) return false;
    read_usage(object.raw(*usage), usage_);
    return true;
  }

  /// The frame, with the bytes [begin, end) of data replaced by the client's model name.
  void emit(string_view event, string_view data, std::size_t begin, std::size_t end, StreamEvent& out) {
    out.content = true;
    if (!event.empty()) {
      out.data.push_back("event: ");
      out.data.push_back(event);
      out.data.push_back("\n");
    }
    out.data.push_back("data: ");
    if (begin == end || model_.empty()) {
      out.data.push_back(data);
    } else {
      out.data.push_back(data.substr(0, begin));
      out.data.push_back(model_);
      out.data.push_back(data.substr(end));
    }
    out.data.push_back("\n\n");
  }

  // Data of several lines: a line break can only be white space between tokens.
  string_view one_line(string_view data) {
    if (data.find('\n') == string_view::npos && data.find('\r') == string_view::npos) return data;
    line_.assign(data);
    std::replace_if(
        line_.begin(), line_.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return line_;
  }

  string_view rename_in_choices(string_view data) {
    auto* choices = scan_.find("choices");
    if (!choices) return data;
    auto text = rename_reasoning(scan_.raw(*choices));
    if (!text) return data;
    JsonSplice splice(scan_);
    splice.set("choices", *text);
    renamed_ = splice.str();
    return scan_object(renamed_, scan_, k_strict) ? string_view(renamed_) : data;
  }

  const OpenAiTarget& target_;
  bool responses_, usage_wanted_;
  std::string model_, line_, renamed_;
  ObjectScan scan_, inner_;
  Usage usage_;
};

} // namespace

std::unique_ptr<StreamDecoder> make_stream_decoder(const OpenAiTarget& target, const Call& call,
                                                   string_view client_model) {
  return std::make_unique<OpenAiStream>(target, call, client_model);
}

} // namespace switchyard::providers
