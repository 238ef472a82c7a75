// Reasoning as content, in streams only, as LiteLLM does it. All else is the provider's own.
#include "providers/inbound/merged.hpp"

#include "providers/family/family.hpp"
#include "providers/inbound/inbound.hpp"
#include "providers/inbound/to_responses.hpp"
#include "providers/openai/target.hpp"

#include <switchyard/json_scan.hpp>

#include <map>

namespace switchyard::providers::inbound {
namespace {

using std::string_view;

constexpr string_view k_setting = "merge_reasoning_content_in_choices";

/// Rewrites the deltas of one stream.
class Merger {
 public:
  /// Complete frames; others than chunks stay as they are. `choices` = those of the last chunk, in `out`.
  void rewrite(string_view frames, std::string& out, string_view& choices) {
    constexpr string_view k_data = "data: ";
    std::size_t at = std::string::npos, size = 0;
    while (!frames.empty()) {
      const auto end = frames.find('\n');
      const auto line = frames.substr(0, end);
      frames.remove_prefix(end == string_view::npos ? frames.size() : end + 1);
      auto chunk =
          line.starts_with("data: {") ? parse_json(line.substr(k_data.size())) : Result<Value>(Value());
      if (chunk && chunk->as_map() && merge(*chunk)) {
        const auto begin = out.size() + k_data.size();
        out.append(k_data).append(to_json(*chunk));
        find_choices(out, begin, at, size);
      } else {
        out += line;
      }
      out += '\n';
    }
    if (at != std::string::npos) choices = string_view(out).substr(at, size);
  }

 private:
  enum class State : std::uint8_t { before, inside, behind };

  static void find_choices(const std::string& out, std::size_t begin, std::size_t& at, std::size_t& size) {
    ObjectScan scan;
    const auto text = string_view(out).substr(begin);
    auto* field = scan_object(text, scan) ? scan.find("choices") : nullptr;
    if (!field) return;
    const auto raw = scan.raw(*field);
    at = begin + static_cast<std::size_t>(raw.data() - text.data()), size = raw.size();
  }

  /// False = the chunk has no choices.
  bool merge(Value& chunk) {
    ValueList choices = list_at(chunk, "choices");
    if (choices.empty()) return false;
    for (auto& choice : choices) {
      auto* index = choice.find("index");
      auto* delta = choice.find("delta");
      if (!delta || !delta->as_map()) continue;
      Value own = *delta;
      merge_delta(states_[index && index->as_int() ? *index->as_int() : 0],
                  !text_at(choice, "finish_reason").empty(), own);
      set(choice, "delta", std::move(own));
    }
    set(chunk, "choices", Value(std::move(choices)));
    return true;
  }

  static void merge_delta(State& state, bool last, Value& delta) {
    std::string content;
    if (const auto thought = text_at(delta, "reasoning_content"); !thought.empty()) {
      if (state == State::before) content += "<think>";
      if (state != State::behind) state = State::inside;
      content += thought;
    }
    const auto said = text_at(delta, "content");
    const bool calls = !list_at(delta, "tool_calls").empty();
    if (state == State::inside && (last || calls || !said.empty()))
      content += "</think>", state = State::behind;
    content += said;
    switchyard::erase(std::get<ValueMap>(delta.data()), "reasoning_content");
    if (!content.empty()) set(delta, "content", Value(std::move(content)));
  }

  std::map<std::int64_t, State> states_;
};

class MergedStream final : public StreamDecoder {
 public:
  explicit MergedStream(std::unique_ptr<StreamDecoder> inner) : inner_(std::move(inner)) {}
  void on_event(string_view frame, string_view event, string_view data, StreamEvent& out) override {
    inner_->on_event(frame, event, data, chunk_);
    convert(out);
  }
  void finish(StreamEvent& out) override {
    inner_->finish(chunk_);
    convert(out);
  }
  bool complete() const override { return inner_->complete(); }
  const Usage& usage() const override { return inner_->usage(); }

 private:
  void convert(StreamEvent& out) {
    out.clear();
    out.content = chunk_.content, out.done = chunk_.done;
    if (chunk_.error.code != Errc::none) {
      out.error = std::move(chunk_.error);
      return;
    }
    std::string frames;
    for (auto slice : chunk_.data) frames += slice;
    merger_.rewrite(frames, out.owned, out.choices);
    if (!out.owned.empty()) out.data.push_back(out.owned);
  }

  std::unique_ptr<StreamDecoder> inner_;
  Merger merger_;
  StreamEvent chunk_;
};

const Provider& below(const Target& target) {
  auto* other = responses_provider(target);
  return other ? *other : provider_of(target);
}

class MergingProvider final : public Provider {
 public:
  bool supports(const Target& target, Endpoint endpoint) const override {
    return below(target).supports(target, endpoint);
  }
  bool fetches_media(const Target& target) const override { return below(target).fetches_media(target); }
  std::vector<std::string> media_urls(const Target& target, const Call& call) const override {
    return below(target).media_urls(target, call);
  }
  Result<void> encode(const Target& target, const Call& call, Wire& out) const override {
    return below(target).encode(target, call, out);
  }
  Result<void> decode(const Target& target, const Call& call, const UpstreamAnswer& answer,
                      string_view client_model, Decoded& out) const override {
    return below(target).decode(target, call, answer, client_model, out);
  }
  std::unique_ptr<StreamDecoder> stream(const Target& target, const Call& call,
                                        string_view client_model) const override {
    auto inner = below(target).stream(target, call, client_model);
    return inner ? std::make_unique<MergedStream>(std::move(inner)) : nullptr;
  }
  Framing framing(const Target& target, const Call& call) const override {
    return below(target).framing(target, call);
  }
  Result<bool> stream_whole(const Target& target, const Call& call, const UpstreamAnswer& answer,
                            string_view client_model, Decoded& out) const override {
    Decoded inner;
    auto done = below(target).stream_whole(target, call, answer, client_model, inner);
    if (!done || !*done) return done;
    std::string frames;
    for (auto slice : inner.body) frames += slice;
    out.usage = inner.usage, out.owned.clear();
    string_view choices;
    Merger().rewrite(frames, out.owned, choices);
    out.body.assign({string_view(out.owned)});
    return true;
  }
  Result<void> forward(const Target& target, const Call& call, const Forwarded& asked,
                       Wire& out) const override {
    return below(target).forward(target, call, asked, out);
  }
  bool may_follow_up(const Target& target, const Call& call) const override {
    return below(target).may_follow_up(target, call);
  }
  Result<bool> follow_up(const Target& target, const Call& call, const UpstreamAnswer& answer, int round,
                         Wire& out, Millis& wait) const override {
    return below(target).follow_up(target, call, answer, round, out, wait);
  }
  Error map_error(const Target& target, const UpstreamAnswer& answer) const override {
    return below(target).map_error(target, answer);
  }
  LocalAnswer local_answer(const Target& target, const Call& call, string_view client_model, string_view id,
                           std::int64_t created) const override {
    return below(target).local_answer(target, call, client_model, id, created);
  }
};

bool wants_it(const ValueMap& settings) noexcept {
  for (auto& [name, value] : settings)
    if (name == k_setting) return value.as_bool() && *value.as_bool();
  return false;
}

} // namespace

const Provider* merging_provider(const Target& target) noexcept {
  static const MergingProvider k_merging;
  const bool family = target.translator == &family_provider();
  return wants_it(family ? as_family(target).settings : as_openai(target).prompt) ? &k_merging : nullptr;
}

} // namespace switchyard::providers::inbound
