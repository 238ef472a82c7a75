// The decorator that serves an inbound API over a provider's chat endpoint: request and answer are converted,
// all else is the provider's own. Immutable, any thread; a stream belongs to one shard.
#include "providers/inbound/bridged.hpp"
#include "providers/inbound/inbound.hpp"
#include "providers/inbound/to_responses.hpp"
#include "providers/openai/provider.hpp"
#include "providers/row.hpp"

#include <array>

namespace switchyard::providers {
namespace inbound {
namespace {

using std::string_view;

/// Wishes that an API's clients send without asking much of them: a provider that refuses one is asked
/// without.
constexpr string_view k_hints =
    "parallel_tool_calls reasoning_effort thinking user service_tier web_search_options";

std::string joined(const TextSlices& slices) {
  std::string out;
  for (auto slice : slices) out += slice;
  return out;
}

Result<Value> client_body(const Call& call) {
  if (!call.json) return refuse("body", "a JSON object is required");
  return parse_json(call.json->trailing_commas.empty() ? std::string(call.json->text)
                                                       : remove_commas(*call.json));
}

const Provider& chat_provider(const Target& target) { return *translator_for(target, Endpoint::chat); }

/// The chat call with the client's, as long as nobody reads its body.
Call plain_call(const Call& client) {
  Call call = client;
  call.endpoint = Endpoint::chat;
  call.content_type = "application/json";
  call.count_usage = call.stream_usage_wanted = client.stream;
  return call;
}

/// The chat request of a client's body, scanned, and the call that carries it. Stays where it was made.
struct ChatCall {
  Value client;
  Call client_call, call;
  std::string own_text;
  ObjectScan own_scan;

  explicit ChatCall(const Call& from) : client_call(from), call(plain_call(from)) {}
  ChatCall(const ChatCall&) = delete;

  Result<void> write(const Value& chat, std::string& text, ObjectScan& scan) {
    text = to_json(chat);
    if (auto scanned = scan_object(text, scan); !scanned) return scanned.error();
    call.json = &scan, call.body = text;
    return {};
  }
  Result<Value> read(const Bridge& bridge, const Target& target) {
    auto body = client_body(client_call);
    if (!body) return body.error();
    client = std::move(*body);
    auto chat = bridge.request(Side{target, client_call, client, {}});
    if (!chat || !chat->as_map()) return chat;
    switchyard::erase(std::get<ValueMap>(chat->data()), "stream");
    if (client_call.stream) set(*chat, "stream", yes(true));
    return chat;
  }
  /// For decoding: the same request again.
  Result<void> remake(const Bridge& bridge, const Target& target) {
    auto chat = read(bridge, target);
    return chat ? write(*chat, own_text, own_scan) : Result<void>(chat.error());
  }
};

bool drop_hints(Value& chat) {
  bool dropped = false;
  auto& members = std::get<ValueMap>(chat.data());
  any_word(k_hints, [&](string_view hint) {
    dropped = switchyard::erase(members, hint) || dropped;
    return false;
  });
  return dropped;
}

/// Converts the chat frames of a stream.
class BridgedStream final : public StreamDecoder {
 public:
  BridgedStream(const Bridge& bridge, const Target& target, const Call& call, string_view client_model)
      : model_(client_model), chat_(call) {
    if (auto made = chat_.remake(bridge, target); !made) chat_.client = Value(ValueMap{});
    side_ = std::make_unique<Side>(Side{target, chat_.client_call, chat_.client, model_});
    writer_ = bridge.writer(*side_);
    inner_ = chat_provider(target).stream(target, chat_.call, model_);
  }
  /// False for providers that never stream.
  bool can_read() const noexcept { return inner_ != nullptr; }
  void on_event(string_view frame, string_view event, string_view data, StreamEvent& out) override {
    inner_->on_event(frame, event, data, chunk_);
    convert(out);
  }
  void finish(StreamEvent& out) override {
    inner_->finish(chunk_);
    chunk_.done = true;
    convert(out);
  }
  bool complete() const override { return inner_->complete(); }
  const Usage& usage() const override { return inner_->usage(); }

 private:
  void convert(StreamEvent& out) {
    out.clear();
    out.choices = chunk_.choices, out.content = chunk_.content, out.done = chunk_.done;
    if (chunk_.error.code != Errc::none) {
      out.error = std::move(chunk_.error);
      return;
    }
    write_chunks(*writer_, joined(chunk_.data), out.owned);
    if (chunk_.done) writer_->close(inner_->usage(), out.owned);
    if (!out.owned.empty()) out.data.push_back(out.owned);
  }

  std::string model_;
  ChatCall chat_;
  std::unique_ptr<Side> side_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<StreamDecoder> inner_;
  StreamEvent chunk_;
};

class BridgedProvider final : public Provider {
 public:
  explicit BridgedProvider(const Bridge& bridge) : bridge_(bridge) {}

  bool supports(const Target& target, Endpoint endpoint) const override {
    return endpoint == bridge_.endpoint && translator_for(target, Endpoint::chat);
  }

  bool fetches_media(const Target& target) const override {
    return chat_provider(target).fetches_media(target);
  }

  std::vector<std::string> media_urls(const Target& target, const Call& call) const override {
    ChatCall chat(call);
    if (!call.json || call.json->text.find("http") == string_view::npos || !chat.remake(bridge_, target))
      return {};
    return chat_provider(target).media_urls(target, chat.call);
  }

  Result<void> encode(const Target& target, const Call& call, Wire& out) const override {
    out.clear();
    ChatCall chat(call);
    auto request = chat.read(bridge_, target);
    if (!request) return request.error();
    if (auto made = chat.write(*request, out.bridged, out.bridged_scan); !made) return made;
    auto done = chat_provider(target).encode(target, chat.call, out);
    if (done || done.error().code != Errc::unsupported_params || !drop_hints(*request)) return done;
    if (auto made = chat.write(*request, out.bridged, out.bridged_scan); !made) return made;
    return chat_provider(target).encode(target, chat.call, out);
  }

  Result<void> decode(const Target& target, const Call& call, const UpstreamAnswer& answer,
                      string_view client_model, Decoded& out) const override {
    ChatCall chat(call);
    if (auto made = chat.remake(bridge_, target); !made) return made;
    Decoded inner;
    auto done = chat_provider(target).decode(target, chat.call, answer, client_model, inner);
    if (!done) return done;
    out.usage = inner.usage;
    return convert(Side{target, call, chat.client, client_model}, joined(inner.body), out);
  }

  std::unique_ptr<StreamDecoder> stream(const Target& target, const Call& call,
                                        string_view client_model) const override {
    auto made = std::make_unique<BridgedStream>(bridge_, target, call, client_model);
    return made->can_read() ? std::move(made) : nullptr;
  }

  Framing framing(const Target& target, const Call& call) const override {
    return chat_provider(target).framing(target, plain_call(call));
  }

  Result<bool> stream_whole(const Target& target, const Call& call, const UpstreamAnswer& answer,
                            string_view client_model, Decoded& out) const override {
    ChatCall chat(call);
    if (auto made = chat.remake(bridge_, target); !made) return made.error();
    Decoded inner;
    auto done = chat_provider(target).stream_whole(target, chat.call, answer, client_model, inner);
    if (!done || !*done) return done;
    out.usage = inner.usage, out.owned.clear();
    auto writer = bridge_.writer(Side{target, call, chat.client, client_model});
    write_chunks(*writer, joined(inner.body), out.owned);
    writer->close(inner.usage, out.owned);
    out.body.assign({string_view(out.owned)});
    return true;
  }

  bool may_follow_up(const Target& target, const Call& call) const override {
    return chat_provider(target).may_follow_up(target, call);
  }

  Result<bool> follow_up(const Target& target, const Call& call, const UpstreamAnswer& answer, int round,
                         Wire& out, Millis& wait) const override {
    ChatCall chat(call);
    if (auto made = chat.remake(bridge_, target); !made) return made.error();
    return chat_provider(target).follow_up(target, chat.call, answer, round, out, wait);
  }

  Error map_error(const Target& target, const UpstreamAnswer& answer) const override {
    return chat_provider(target).map_error(target, answer);
  }

  LocalAnswer local_answer(const Target& target, const Call& call, string_view client_model, string_view id,
                           std::int64_t created) const override;

 private:
  Result<void> convert(const Side& side, const std::string& text, Decoded& out) const {
    auto chat = parse_json(text);
    if (!chat || !chat->as_map())
      return Error(Errc::api_error, "litellm.APIError: the answer is no chat completion");
    out.owned = bridge_.answer(side, *chat, out.usage);
    out.body.assign({string_view(out.owned)});
    return {};
  }

  const Bridge& bridge_;
};

LocalAnswer BridgedProvider::local_answer(const Target& target, const Call& call, string_view client_model,
                                          string_view id, std::int64_t created) const {
  ChatCall chat(call);
  chat.client_call.call_id = chat.call.call_id = id;
  chat.client_call.now = chat.call.now = WallTime(std::chrono::seconds(created));
  LocalAnswer out;
  if (auto made = chat.remake(bridge_, target); !made) {
    out.error = made.error();
    return out;
  }
  out = chat_provider(target).local_answer(target, chat.call, client_model, id, created);
  if (out.error.code != Errc::none) return out;
  Side side{target, chat.client_call, chat.client, client_model};
  if (!out.frames.empty()) {
    auto writer = bridge_.writer(side);
    std::vector<std::string> frames; // an empty one would end a chunked body
    for (auto& frame : out.frames) {
      std::string converted;
      write_chunks(*writer, frame, converted);
      if (!converted.empty()) frames.push_back(std::move(converted));
    }
    out.frames = std::move(frames);
    if (call.endpoint == Endpoint::completions) return out; // [DONE] is the caller's to add
    out.frames.emplace_back();
    writer->close(out.usage, out.frames.back());
    return out;
  }
  Decoded whole;
  whole.usage = out.usage;
  if (auto done = convert(side, out.body, whole); !done) out.error = done.error();
  out.body = std::move(whole.owned);
  return out;
}

} // namespace

void write_chunks(Writer& writer, string_view frames, std::string& out) {
  constexpr string_view k_data = "data: ";
  while (!frames.empty()) {
    auto end = frames.find('\n');
    auto line = frames.substr(0, end);
    frames.remove_prefix(end == string_view::npos ? frames.size() : end + 1);
    if (!line.starts_with(k_data) || line == "data: [DONE]") continue;
    auto chunk = parse_json(line.substr(k_data.size()));
    if (chunk && chunk->as_map()) writer.chunk(*chunk, out);
  }
}

} // namespace inbound

const Provider* translator_for(const Target& target, Endpoint endpoint) {
  static const inbound::BridgedProvider k_bridges[] = {inbound::BridgedProvider(inbound::k_messages),
                                                       inbound::BridgedProvider(inbound::k_responses),
                                                       inbound::BridgedProvider(inbound::k_generate_content),
                                                       inbound::BridgedProvider(inbound::k_completions)};
  auto& own = provider_of(target);
  if (auto* other = endpoint == Endpoint::chat ? inbound::responses_provider(target) : nullptr) return other;
  // Local answers speak OpenAI's APIs only.
  const bool beyond = target.answers_locally && endpoint >= Endpoint::messages;
  if (!beyond && own.supports(target, endpoint)) return &own;
  for (auto& bridge : k_bridges)
    if (bridge.supports(target, endpoint)) return &bridge;
  // A server behind an OpenAI row may have more of OpenAI's routes than the table knows.
  return endpoint < Endpoint::messages && &own == &openai_provider() ? &own : nullptr;
}

} // namespace switchyard::providers
