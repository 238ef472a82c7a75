// The translator of rows that only complete text. Immutable, any thread; a decoder belongs to one stream on
// one shard.
#include "providers/openai/provider.hpp"

#include "providers/openai/encode.hpp"
#include "providers/openai/errors.hpp"
#include "providers/text/text.hpp"

#include <switchyard/json.hpp>

namespace switchyard::providers {
namespace {

using std::string_view;

std::string joined(const TextSlices& slices) {
  std::string out;
  for (auto slice : slices) out += slice;
  return out;
}

/// Codestral's fill-in-the-middle API answers in chat's shape.
bool answers_as_chat(const Target& target) {
  return as_openai(target).row->name == "text-completion-codestral";
}

bool is_reshaped(const Target& target, const Call& call) {
  if (target.answers_locally) return false;
  return call.endpoint == Endpoint::chat ||
         (call.endpoint == Endpoint::completions && answers_as_chat(target));
}

Call as_completion(const Call& call) {
  auto out = call;
  out.endpoint = Endpoint::completions;
  return out;
}

TextShape shape_of(const Call& call) {
  return call.endpoint == Endpoint::chat ? TextShape::chat : TextShape::text;
}

/// {...,"choices":[...]}: where the choices begin is in `at`.
std::string write_answer(Value answer, ValueList choices, TextShape shape, bool chunk, std::size_t& at) {
  auto& map = std::get<ValueMap>(answer.data());
  erase(map, string_view("choices"));
  set(map, "object", Value(std::string(object_name(shape, chunk))));
  auto out = to_json(answer);
  out.back() = ',';
  out += "\"choices\":";
  at = out.size();
  return out.append(to_json(Value(std::move(choices)))).append("}");
}

class TextStream final : public StreamDecoder {
 public:
  TextStream(std::unique_ptr<StreamDecoder> inner, TextShape shape)
      : inner_(std::move(inner)), shape_(shape) {}

  void on_event(string_view frame, string_view event, string_view data, StreamEvent& out) override {
    inner_->on_event(frame, event, data, event_);
    pass(out);
  }
  void finish(StreamEvent& out) override {
    inner_->finish(event_);
    pass(out);
  }
  const Usage& usage() const override { return inner_->usage(); }

 private:
  void pass(StreamEvent& out) {
    out.clear();
    out.done = event_.done;
    if (event_.error.code != Errc::none) return out.error = event_.error, void();
    const auto text = joined(event_.data);
    auto answer = parse_json(payload(text));
    if (!answer || !answer->as_map()) { // [DONE]
      out.owned = text;
      if (!out.owned.empty()) out.data.push_back(out.owned);
      return;
    }
    auto choices = reshape_choices(*answer, shape_, true, opened_);
    std::size_t at = 0;
    out.owned = "data: " + write_answer(std::move(*answer), std::move(choices), shape_, true, at);
    const auto end = out.owned.size() - 1;
    out.owned += "\n\n";
    out.data.push_back(out.owned);
    out.choices = string_view(out.owned).substr(at + 6, end - at - 6);
    out.content = event_.content;
  }

  static string_view payload(string_view frame) {
    auto at = frame.find("data: ");
    return at == string_view::npos ? string_view() : frame.substr(at + 6);
  }

  std::unique_ptr<StreamDecoder> inner_;
  TextShape shape_;
  std::uint64_t opened_ = 0; ///< choices whose role was said
  StreamEvent event_;
};

class TextProvider final : public Provider {
 public:
  bool supports(const Target& target, Endpoint endpoint) const override {
    return endpoint == Endpoint::chat || openai_provider().supports(target, endpoint);
  }

  Result<void> encode(const Target& target, const Call& call, Wire& out) const override {
    if (call.endpoint != Endpoint::chat || !call.json) return openai_provider().encode(target, call, out);
    out.clear();
    Wire chat; // the policy is that of chat
    if (auto done = encode_json(as_openai(target), call, chat); !done) return done.error();
    auto request = parse_json(joined(chat.body));
    if (!request) return request.error();
    auto body = completion_request(*request, target.provider, call.model, as_openai(target).prompt);
    if (!body) return body.error();
    out.owned = to_json(*body);
    out.body.push_back(out.owned);
    write_head(as_openai(target), as_completion(call), "Content-Type: application/json\r\n", out);
    return {};
  }

  Result<void> decode(const Target& target, const Call& call, const UpstreamAnswer& answer,
                      string_view client_model, Decoded& out) const override {
    if (!is_reshaped(target, call)) return openai_provider().decode(target, call, answer, client_model, out);
    Decoded completion;
    if (auto done = openai_provider().decode(target, as_completion(call), answer, client_model, completion);
        !done)
      return done.error();
    auto parsed = parse_json(joined(completion.body));
    if (!parsed || !parsed->as_map()) return make_invalid_answer(as_openai(target), answer.body);
    std::uint64_t opened = 0;
    std::size_t at = 0;
    auto choices = reshape_choices(*parsed, shape_of(call), false, opened);
    out.owned = write_answer(std::move(*parsed), std::move(choices), shape_of(call), false, at);
    out.body.assign({string_view(out.owned)});
    out.usage = completion.usage;
    return {};
  }

  std::unique_ptr<StreamDecoder> stream(const Target& target, const Call& call,
                                        string_view client_model) const override {
    auto inner = openai_provider().stream(target, is_reshaped(target, call) ? as_completion(call) : call,
                                          client_model);
    if (!is_reshaped(target, call)) return inner;
    return std::make_unique<TextStream>(std::move(inner), shape_of(call));
  }

  Error map_error(const Target& target, const UpstreamAnswer& answer) const override {
    return openai_provider().map_error(target, answer);
  }
  LocalAnswer local_answer(const Target& target, const Call& call, string_view client_model, string_view id,
                           std::int64_t created) const override {
    return openai_provider().local_answer(target, call, client_model, id, created);
  }
};

} // namespace

const Provider& text_provider() noexcept {
  static const TextProvider provider;
  return provider;
}

} // namespace switchyard::providers
