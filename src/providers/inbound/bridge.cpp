// The decorator that serves an inbound API over a provider's chat endpoint: request and answer are converted,
// all else is the provider's own. Immutable, any thread; a stream belongs to one shard.
#include "providers/inbound/bridged.hpp"
#include "providers/inbound/inbound.hpp"
#include "providers/inbound/merged.hpp"
#include "providers/inbound/to_responses.hpp"
#include "providers/openai/provider.hpp"
#include "providers/row.hpp"

#include <switchyard/kept_answers.hpp>

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

/// Without what is only for clients of the chat API (merged.hpp).
const Provider& chat_provider(const Target& target) {
  auto* other = responses_provider(target);
  return other ? *other : provider_of(target);
}

std::size_t parts_of(const Bridge& bridge, const Call& call) { return bridge.parts ? bridge.parts(call) : 1; }

/// The chat call with the client's, as long as nobody reads its body. Parts are asked for whole: the last one
/// ends the client's stream.
Call plain_call(const Bridge& bridge, const Call& client) {
  Call call = client;
  call.endpoint = Endpoint::chat;
  call.content_type = "application/json";
  call.stream = client.stream && parts_of(bridge, client) == 1;
  call.count_usage = call.stream_usage_wanted = call.stream;
  return call;
}

/// The chat request of a client's body, scanned, and the call that carries it. Stays where it was made.
struct ChatCall {
  Value client;
  Call client_call, call;
  std::string own_text;
  ObjectScan own_scan;
  std::size_t part;

  ChatCall(const Bridge& bridge, const Call& from, std::size_t which = 0)
      : client_call(from), call(plain_call(bridge, from)), part(which) {}
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
    auto chat = bridge.request(Side{target, client_call, client, {}, part});
    if (!chat || !chat->as_map()) return chat;
    switchyard::erase(std::get<ValueMap>(chat->data()), "stream");
    if (call.stream) set(*chat, "stream", yes(true));
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
      : model_(client_model), chat_(bridge, call) {
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
    ChatCall chat(bridge_, call);
    if (!call.json || call.json->text.find("http") == string_view::npos || !chat.remake(bridge_, target))
      return {};
    return chat_provider(target).media_urls(target, chat.call);
  }

  Result<void> encode(const Target& target, const Call& call, Wire& out) const override {
    return encode_part(target, call, 0, out);
  }

  Result<void> decode(const Target& target, const Call& call, const UpstreamAnswer& answer,
                      string_view client_model, Decoded& out) const override {
    Value client;
    auto chat = chat_answer(target, call, answer, client_model, client, out.usage);
    if (!chat) return chat.error();
    return convert(Side{target, call, client, client_model}, *chat, out);
  }

  std::unique_ptr<StreamDecoder> stream(const Target& target, const Call& call,
                                        string_view client_model) const override {
    auto made = std::make_unique<BridgedStream>(bridge_, target, call, client_model);
    return made->can_read() ? std::move(made) : nullptr;
  }

  Framing framing(const Target& target, const Call& call) const override {
    const auto chat = plain_call(bridge_, call);
    return call.stream && !chat.stream ? Framing::sse : chat_provider(target).framing(target, chat);
  }

  Result<bool> stream_whole(const Target& target, const Call& call, const UpstreamAnswer& answer,
                            string_view client_model, Decoded& out) const override {
    if (parts_of(bridge_, call) > 1) return stream_parts(target, call, answer, client_model, out);
    ChatCall chat(bridge_, call);
    if (auto made = chat.remake(bridge_, target); !made) return made.error();
    Decoded inner;
    auto done = chat_provider(target).stream_whole(target, chat.call, answer, client_model, inner);
    if (!done || !*done) return done;
    out.usage = inner.usage;
    write_stream(Side{target, call, chat.client, client_model}, joined(inner.body), out);
    return true;
  }

  bool may_follow_up(const Target& target, const Call& call) const override {
    return parts_of(bridge_, call) > 1 ||
           chat_provider(target).may_follow_up(target, plain_call(bridge_, call));
  }

  Result<bool> follow_up(const Target& target, const Call& call, const UpstreamAnswer& answer, int round,
                         Wire& out, Millis& wait) const override {
    const auto next = static_cast<std::size_t>(round) + 1;
    if (const auto parts = parts_of(bridge_, call); parts > 1) {
      if (next >= parts) return false;
      wait = k_keep_answer;
      if (auto done = encode_part(target, call, next, out); !done) return done.error();
      return true;
    }
    ChatCall chat(bridge_, call);
    if (auto made = chat.remake(bridge_, target); !made) return made.error();
    return chat_provider(target).follow_up(target, chat.call, answer, round, out, wait);
  }

  Error map_error(const Target& target, const UpstreamAnswer& answer) const override {
    return chat_provider(target).map_error(target, answer);
  }

  LocalAnswer local_answer(const Target& target, const Call& call, string_view client_model, string_view id,
                           std::int64_t created) const override;

 private:
  Result<void> encode_part(const Target& target, const Call& call, std::size_t part, Wire& out) const {
    ChatCall chat(bridge_, call, part);
    if (parts_of(bridge_, call) > 1 && chat_provider(target).may_follow_up(target, chat.call))
      return refuse("prompt", "this provider makes a job of each prompt: send one request for each");
    auto request = chat.read(bridge_, target);
    if (!request) return request.error();
    if (auto made = chat.write(*request, out.bridged, out.bridged_scan); !made) return made;
    auto done = chat_provider(target).encode(target, chat.call, out);
    if (done || done.error().code != Errc::unsupported_params || !drop_hints(*request)) return done;
    if (auto made = chat.write(*request, out.bridged, out.bridged_scan); !made) return made;
    return chat_provider(target).encode(target, chat.call, out);
  }

  /// The chat answer, that of all parts in one.
  Result<std::string> chat_answer(const Target& target, const Call& call, const UpstreamAnswer& answer,
                                  string_view client_model, Value& client, Usage& usage) const {
    std::vector<std::string> texts;
    auto parts = unpack_answers(answer.body);
    if (parts.empty()) parts.push_back({std::string(answer.headers), std::string(answer.body)});
    for (std::size_t part = 0; part < parts.size(); ++part) {
      ChatCall chat(bridge_, call, part);
      if (auto made = chat.remake(bridge_, target); !made) return made.error();
      auto one = answer;
      one.headers = parts[part].headers, one.body = parts[part].body;
      Decoded inner;
      auto done = chat_provider(target).decode(target, chat.call, one, client_model, inner);
      if (!done) return done.error();
      add(usage, inner.usage);
      texts.push_back(joined(inner.body));
      client = std::move(chat.client);
    }
    return texts.size() == 1 ? std::move(texts.front()) : join_chats(texts, usage);
  }

  Result<bool> stream_parts(const Target& target, const Call& call, const UpstreamAnswer& answer,
                            string_view client_model, Decoded& out) const {
    Value client;
    auto chat = chat_answer(target, call, answer, client_model, client, out.usage);
    auto frames = chat ? chat_as_stream(*chat, true) : chat;
    if (!frames) return frames.error();
    write_stream(Side{target, call, client, client_model}, *frames, out);
    return true;
  }

  void write_stream(const Side& side, const std::string& frames, Decoded& out) const {
    auto writer = bridge_.writer(side);
    out.owned.clear();
    write_chunks(*writer, frames, out.owned);
    writer->close(out.usage, out.owned);
    out.body.assign({string_view(out.owned)});
  }

  LocalAnswer local_chat(const Target& target, const Call& call, string_view client_model,
                         Value& client) const;
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

/// The provider's own, that of all parts in one.
LocalAnswer BridgedProvider::local_chat(const Target& target, const Call& call, string_view client_model,
                                        Value& client) const {
  LocalAnswer out;
  std::vector<std::string> texts;
  Usage usage;
  const auto parts = parts_of(bridge_, call);
  for (std::size_t part = 0; part < parts && out.error.code == Errc::none; ++part) {
    ChatCall chat(bridge_, call, part);
    if (auto made = chat.remake(bridge_, target); !made) return out.error = made.error(), out;
    out = chat_provider(target).local_answer(target, chat.call, client_model, call.call_id, seconds(call));
    add(usage, out.usage), texts.push_back(out.body);
    client = std::move(chat.client);
  }
  if (parts == 1 || out.error.code != Errc::none) return out;
  auto chat = join_chats(texts, out.usage = usage);
  if (chat && call.stream) out.frames.emplace_back(), chat = chat_as_stream(*chat, true);
  if (!chat) return out.error = chat.error(), out;
  call.stream ? out.frames.back() = std::move(*chat) : out.body = std::move(*chat);
  return out;
}

LocalAnswer BridgedProvider::local_answer(const Target& target, const Call& call, string_view client_model,
                                          string_view id, std::int64_t created) const {
  auto dated = call;
  dated.call_id = id, dated.now = WallTime(std::chrono::seconds(created));
  Value client;
  auto out = local_chat(target, dated, client_model, client);
  if (out.error.code != Errc::none) return out;
  Side side{target, dated, client, client_model};
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

Result<std::string> join_chats(const std::vector<std::string>& chats, const Usage& usage) {
  Value out;
  ValueList choices;
  for (auto& text : chats) {
    auto chat = parse_json(text);
    if (!chat || list_at(*chat, "choices").empty())
      return Error(Errc::api_error, "litellm.APIError: an answer to one of the prompts has no choices");
    for (auto& choice : list_at(*chat, "choices")) {
      choices.push_back(choice);
      set(choices.back(), "index", num(static_cast<std::int64_t>(choices.size()) - 1));
    }
    if (out.is_null()) out = std::move(*chat);
  }
  set(out, "choices", Value(std::move(choices)));
  if (auto counts = parse_json(write_usage(usage)); counts && usage.present)
    set(out, "usage", std::move(*counts));
  return to_json(out);
}

} // namespace inbound

const Provider* translator_for(const Target& target, Endpoint endpoint) {
  static const inbound::BridgedProvider k_bridges[] = {inbound::BridgedProvider(inbound::k_messages),
                                                       inbound::BridgedProvider(inbound::k_responses),
                                                       inbound::BridgedProvider(inbound::k_generate_content),
                                                       inbound::BridgedProvider(inbound::k_completions)};
  auto& own = provider_of(target);
  if (endpoint == Endpoint::chat) {
    if (auto* merging = inbound::merging_provider(target)) return merging;
    if (auto* other = inbound::responses_provider(target)) return other;
  }
  // Local answers speak OpenAI's APIs only.
  const bool beyond = target.answers_locally && endpoint >= Endpoint::messages;
  if (!beyond && own.supports(target, endpoint)) return &own;
  for (auto& bridge : k_bridges)
    if (bridge.supports(target, endpoint)) return &bridge;
  // A server behind an OpenAI row may have more of OpenAI's routes than the table knows.
  return endpoint < Endpoint::messages && &own == &openai_provider() ? &own : nullptr;
}

} // namespace switchyard::providers
