// Server-sent events, one by one: `model` restamped, usage read, errors mapped, the rest byte for byte. One
// decoder per stream, on one shard; after its first event it allocates nothing.
#include "providers/openai/answer.hpp"
#include "providers/openai/chunk_head.hpp"
#include "providers/openai/content.hpp"
#include "providers/openai/decode.hpp"
#include "providers/openai/errors.hpp"

#include <algorithm>
#include <utility>

namespace switchyard::providers {
namespace {

using std::string_view;

bool is_empty_array(string_view raw) {
  return raw.size() >= 2 && raw.front() == '[' && raw.find_first_not_of(" \t\r\n", 1) == raw.size() - 1;
}

/// Streams whose first events say nothing; those of images and transcripts have no such rule, and their only
/// event may be one with usage.
bool may_only_announce(Endpoint endpoint) noexcept {
  return endpoint == Endpoint::chat || endpoint == Endpoint::completions || endpoint == Endpoint::responses;
}

/// What is read of an event of the responses API: top level, and members of the response in it.
struct ResponseMembers {
  string_view type, error, model, failure, item;

  /// An error that is not wrapped in a response.
  bool failed() const noexcept {
    return type == "\"error\"" || (!type.data() && error.data() && error != "null");
  }
};

/// Model and error of the response in an event. One that says a member twice is passed on as it is.
void read_response(JsonSkim& event, ResponseMembers& out, Usage& usage) {
  string_view model, failure, seen_usage;
  Usage found = usage;
  bool twice = false, counted = false;
  auto response = event.inside();
  while (response.next()) {
    if (is_key(response.key(), "model")) {
      twice = twice || model.data();
      model = response.value();
    } else if (is_key(response.key(), "usage")) {
      twice = twice || seen_usage.data();
      seen_usage = take_usage(response, found);
      counted = seen_usage == "{";
    } else if (is_key(response.key(), "service_tier")) {
      found.tier = tier_of(response.value());
    } else if (is_key(response.key(), "error")) {
      twice = twice || failure.data();
      failure = response.value();
    }
  }
  event.leave(response);
  if (twice) return;
  if (counted) usage = found;
  out.model = model, out.failure = failure;
}

/// False when the event is no whole object, or holds one of the members twice.
bool read_response_event(string_view data, ResponseMembers& out, Usage& usage) {
  JsonSkim skim(data);
  bool response = false;
  while (skim.next()) {
    if (is_key(skim.key(), "response")) {
      if (std::exchange(response, true)) return false;
      if (skim.kind() == '{') read_response(skim, out, usage);
      continue;
    }
    string_view* place = is_key(skim.key(), "type")    ? &out.type
                         : is_key(skim.key(), "error") ? &out.error
                         : is_key(skim.key(), "item")  ? &out.item
                                                       : nullptr;
    if (!place) continue;
    if (place->data()) return false;
    *place = skim.value();
  }
  return skim.complete();
}

class OpenAiStream final : public StreamDecoder {
 public:
  OpenAiStream(const OpenAiTarget& target, const Call& call, string_view client_model)
      : target_(target), responses_(call.endpoint == Endpoint::responses),
        usage_wanted_(call.stream_usage_wanted), content_(!may_only_announce(call.endpoint)),
        model_(client_model.empty() ? std::string{} : json_string(client_model)) {}

  void on_event(string_view frame, string_view event, string_view data, StreamEvent& out) override {
    out.clear();
    if (data.empty()) return;
    frame_ = frame;
    if (data == "[DONE]") {
      out.done = true;
      out.data.push_back("data: [DONE]\n\n");
      return;
    }
    data = one_line(data);
    responses_ ? responses_event(event, data, out) : chunk(event, data, out);
  }

  void finish(StreamEvent& out) override {
    out.clear();
    if (!responses_) out.data.push_back("data: [DONE]\n\n");
    out.done = true;
  }

  const Usage& usage() const override { return usage_; }

 private:
  void chunk(string_view event, string_view data, StreamEvent& out) {
    Members members;
    if (!head_.read(data, members, usage_)) return invalid(data, out);
    if (members.failed()) return fail(members.error, data, out);
    bool bare = members.choices.data() && is_empty_array(members.choices);
    if (bare && members.has_usage() && !usage_wanted_) return; // nobody asked for it
    if (bare && !members.has_usage() && members.filter_results.data()) return;
    if (target_.row->has(k_reasoning_field) && members.choices.data() &&
        !rename_reasoning(data, members, renamed_))
      return invalid(data, out);
    out.choices = members.choices;
    content_ = content_ || holds_content(members);
    emit(event, data, members.model, out);
  }

  // Most events have no `response`; those that do hold model and usage inside it.
  void responses_event(string_view event, string_view data, StreamEvent& out) {
    ResponseMembers members;
    if (!read_response_event(data, members, usage_)) return invalid(data, out);
    if (members.failed()) return fail(members.error.data() ? members.error : data, data, out);
    // Behind content it is the stream's own way to end.
    if (!content_ && members.type == "\"response.failed\"" && members.failure.starts_with('{'))
      return fail(members.failure, R"({"error":)" + std::string(members.failure) + "}", out);
    content_ = content_ || !announces(members.type);
    if (members.type == "\"response.output_item.done\"" && is_web_search(members.item)) ++usage_.web_searches;
    emit(event, data, members.model, out);
  }

  void invalid(string_view data, StreamEvent& out) { out.error = make_invalid_answer(target_, data); }

  void fail(string_view error_json, string_view data, StreamEvent& out) {
    out.error = make_upstream_error(target_, embedded_status(error_json), data);
  }

  /// The frame, with `model`, when it is a string, replaced by the client's name for it.
  void emit(string_view event, string_view data, string_view model, StreamEvent& out) {
    out.content = content_;
    string_view before = "data: ", behind = "\n\n";
    if (is_plain_frame(data)) {
      data = frame_;
      before = behind = {};
    } else if (!event.empty()) {
      out.data.assign({"event: ", event, "\n"});
    }
    const bool stamp = model.starts_with('"') && !model_.empty() && model != model_;
    const auto begin = stamp ? static_cast<std::size_t>(model.data() - data.data()) : data.size();
    add(before, out), add(data.substr(0, begin), out);
    if (stamp) add(model_, out), add(data.substr(begin + model.size()), out);
    add(behind, out);
  }

  static void add(string_view slice, StreamEvent& out) {
    if (!slice.empty()) out.data.push_back(slice);
  }

  // A frame of one data line, as nearly all are, can go on as it came.
  bool is_plain_frame(string_view data) const {
    return frame_.size() == data.size() + 8 && data.data() == frame_.data() + 6 &&
           frame_.starts_with("data: ") && frame_.ends_with("\n\n");
  }

  // Data of several lines: a line break can only be white space between tokens.
  string_view one_line(string_view data) {
    if (data.find('\n') == string_view::npos && data.find('\r') == string_view::npos) return data;
    line_.assign(data);
    std::replace_if(
        line_.begin(), line_.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return line_;
  }

  const OpenAiTarget& target_;
  bool responses_, usage_wanted_;
  bool content_; ///< since some event on; the next ones are not looked at
  std::string model_, line_, renamed_;
  string_view frame_; ///< of the event at hand
  ChunkHead head_;
  Usage usage_;
};

} // namespace

std::unique_ptr<StreamDecoder> make_stream_decoder(const OpenAiTarget& target, const Call& call,
                                                   string_view client_model) {
  return std::make_unique<OpenAiStream>(target, call, client_model);
}

} // namespace switchyard::providers
