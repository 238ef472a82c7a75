// The upgrade of a realtime session: at the upstream first, so that its refusal is an ordinary error. Shard
// code.
#include "http/realtime.hpp"

#include "http/base64.hpp"
#include "http/header_text.hpp"
#include "http/query.hpp"
#include "http/realtime_relay.hpp"
#include "http/realtime_request.hpp"
#include "http/token_desk.hpp"
#include "http/websocket.hpp"

#include <switchyard/log.hpp>

#include <openssl/rand.h>

#include <algorithm>
#include <array>

namespace switchyard::http {

namespace {

using std::string_view;

constexpr Millis k_connect_timeout{10'000};

/// Who has OpenAI's realtime API; what others have is another protocol.
constexpr std::array k_providers = std::to_array<string_view>(
    {"openai", "azure", "xai", "litellm_proxy", "hosted_vllm", "vllm", "openai_like", "custom_openai"});

std::string random_key() {
  std::array<unsigned char, 16> bytes{};
  RAND_bytes(bytes.data(), static_cast<int>(bytes.size()));
  return to_base64({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

/// Of the client's parameters only the kind of session goes upstream: others name calls and models of the
/// account.
std::string upstream_path(const Attempt& attempt) {
  auto path = "/realtime?model=" + percent_encode(attempt.upstream_model);
  if (query_value(attempt.context.exchange.head.query, "intent") == "transcription")
    path += "&intent=transcription";
  return path;
}

Result<void> encode(const Attempt& attempt, const providers::Call& call, const std::string& key,
                    providers::Wire& wire) {
  std::vector<HeaderLine> headers{{"Connection", "Upgrade"},
                                  {"Upgrade", "websocket"},
                                  {"Sec-WebSocket-Version", "13"},
                                  {"Sec-WebSocket-Key", key}};
  if (wants_beta(attempt.context.exchange.head)) headers.push_back({"OpenAI-Beta", "realtime=v1"});
  for (auto& line : attempt.request.forward_headers) headers.push_back(line);
  const auto path = upstream_path(attempt);
  const providers::Forwarded asked{"GET", path, true, headers, {}};
  return attempt.provider->forward(*attempt.target, call, asked, wire);
}

upstream::Request make_request(const Attempt& attempt, const providers::Wire& wire, Instant started) {
  upstream::Request request;
  request.origin = wire.origin;
  request.head = wire.head;
  request.upgrade = true;
  const auto limit = to_millis(std::min(attempt.timeout, 1e9));
  request.connect_timeout = std::min(limit, k_connect_timeout);
  request.first_byte_timeout = request.idle_timeout = limit;
  request.deadline = started + limit;
  return request;
}

/// None = the upstream speaks our protocol now.
aw<Error> check_reply(Attempt& attempt, Result<upstream::Reply>& reply, const std::string& key) {
  if (!reply) co_return transport_error(attempt, reply.error());
  if (reply->status() >= 300) co_return co_await refused(attempt, *reply);
  const bool switched = reply->status() == 101 && same_text(reply->header("upgrade"), "websocket") &&
                        reply->header("sec-websocket-accept") == ws::accept_key(key);
  if (switched && reply->header("sec-websocket-extensions").empty()) co_return Error(Errc::none);
  co_return Error(Errc::bad_gateway, "litellm.BadGatewayError: the upstream did not open a WebSocket");
}

/// "Sec-WebSocket-*" of the upstream's own handshake is nothing for the client.
std::string without_handshake(string_view raw) {
  std::string out;
  for (std::size_t at = 0; at < raw.size();) {
    const auto end = std::min(raw.find("\r\n", at), raw.size());
    const auto line = raw.substr(at, end - at);
    at = end + 2;
    if (!starts_with_text(line, "sec-websocket-")) out.append(line).append("\r\n");
  }
  return out;
}

std::string switch_headers(const Attempt& attempt, const upstream::Reply& reply, Micros upstream_time) {
  auto& head = attempt.context.exchange.head;
  std::string out = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ";
  out += ws::accept_key(trim(head.find("sec-websocket-key"))) + "\r\n";
  if (const auto protocol = chosen_protocol(head); !protocol.empty())
    out.append("Sec-WebSocket-Protocol: ").append(protocol).append("\r\n");
  return out + reply_headers(attempt, {}, without_handshake(reply.raw_headers()), upstream_time);
}

/// The token of a target whose credentials are fetched; null when it has none of that kind.
aw<Result<TokenPtr>> token_of(Attempt& attempt) {
  if (!attempt.target->tokens) co_return TokenPtr();
  auto& context = attempt.context;
  co_return co_await token_for(context.shard, *context.process.shards.front(), attempt.target->tokens,
                               *attempt.cancel);
}

} // namespace

Result<void> check_realtime(const Attempt& attempt) {
  auto& target = *attempt.target;
  const bool served = std::find(k_providers.begin(), k_providers.end(), target.provider) != k_providers.end();
  if (served && !target.answers_locally) return {};
  Error error(Errc::bad_request);
  error.message = "litellm.BadRequestError: provider '" + target.provider +
                  "' does not serve /realtime (model " + attempt.upstream_model + ")";
  return error;
}

aw<> run_realtime(Attempt& attempt, AttemptResult& result) {
  auto call = make_call(attempt);
  auto token = co_await token_of(attempt);
  if (!token) {
    result.error = token.error();
    co_return;
  }
  call.token = token->get();
  providers::Wire wire;
  const auto key = random_key();
  if (auto encoded = encode(attempt, call, key, wire); !encoded) {
    result.error = encoded.error();
    co_return;
  }
  if (log::enabled(LogLevel::debug)) log_curl(attempt, wire);
  auto& shard = attempt.context.shard;
  const auto started = shard.now();
  const auto request = make_request(attempt, wire, started);
  auto reply = co_await shard.client->send(request, *attempt.cancel);
  result.upstream = std::chrono::duration_cast<Micros>(shard.now() - started);
  result.error = co_await check_reply(attempt, reply, key);
  if (result.error.code != Errc::none || !claim(attempt, result)) co_return;
  result.status = 101;
  result.first_token = result.upstream;
  const auto headers = switch_headers(attempt, *reply, result.upstream);
  if (co_await settled(attempt.context.exchange.upgrade(headers)))
    co_await relay_session(attempt, *reply, result);
  else
    result.error = Error(Errc::cancelled);
}

} // namespace switchyard::http
