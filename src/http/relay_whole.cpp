// Relays answers that are not event streams: whole JSON bodies, and bytes as they come (speech).
#include "http/relay.hpp"

#include <array>

namespace switchyard::http {

namespace {

constexpr std::size_t k_default_cap = 256u * 1024 * 1024;

std::size_t response_cap(const Config& config) {
  double mb = config.general.max_response_size_mb;
  return mb > 0 ? static_cast<std::size_t>(mb * 1048576.0) : k_default_cap;
}

Error read_error(const Attempt& attempt, const Error& error) {
  if (error.code == Errc::timeout || error.code == Errc::api_connection)
    return providers::network_error(*attempt.target, error.code, error.message);
  return error;
}

/// A compressed answer cannot be read; it is passed on with its Content-Encoding.
bool encoded(const upstream::Reply& reply) {
  auto encoding = reply.header("content-encoding");
  return !encoding.empty() && encoding != "identity";
}

std::string headers_for(const Attempt& attempt, const upstream::Reply& reply, Micros upstream) {
  auto headers = reply_headers(attempt, reply.header("content-type"), reply.raw_headers(), upstream);
  if (encoded(reply))
    headers += "Content-Encoding: ", headers += reply.header("content-encoding"), headers += "\r\n";
  return headers;
}

} // namespace

aw<AttemptResult> relay_whole(Attempt& attempt, const providers::Call& call, upstream::Reply& reply,
                              Instant started) {
  AttemptResult result;
  auto& exchange = attempt.context.exchange;
  auto body = co_await reply.read_all(response_cap(attempt.context.config), exchange.cancel);
  result.upstream = std::chrono::duration_cast<Micros>(attempt.context.shard.now() - started);
  if (!body) {
    result.error = read_error(attempt, body.error());
    co_return result;
  }
  providers::Decoded decoded;
  if (encoded(reply)) {
    decoded.body.push_back(*body);
  } else {
    providers::UpstreamAnswer answer;
    answer.status = reply.status();
    answer.content_type = reply.header("content-type");
    answer.headers = reply.raw_headers();
    answer.body = *body;
    auto done = attempt.provider->decode(*attempt.target, call, answer, attempt.client_model, decoded);
    if (!done) {
      result.error = done.error();
      co_return result;
    }
  }
  result.usage = decoded.usage;
  auto headers = headers_for(attempt, reply, result.upstream);
  result.status = reply.status();
  result.answered = true;
  co_await exchange.respond(result.status, headers, decoded.body);
  co_return result;
}

aw<AttemptResult> relay_bytes(Attempt& attempt, upstream::Reply& reply, Instant started) {
  AttemptResult result;
  auto& exchange = attempt.context.exchange;
  auto elapsed = [&] { return std::chrono::duration_cast<Micros>(attempt.context.shard.now() - started); };
  for (;;) {
    auto bytes = co_await reply.read(exchange.cancel);
    if (!bytes) {
      result.error = read_error(attempt, bytes.error());
      result.upstream = elapsed();
      if (result.answered) co_await exchange.finish(true);
      co_return result;
    }
    if (!result.answered) {
      result.first_token = elapsed();
      result.status = reply.status();
      result.answered = true;
      exchange.start_stream(result.status, headers_for(attempt, reply, result.first_token));
    }
    if (bytes->empty()) break;
    const std::array slices{*bytes};
    if (!co_await exchange.write(slices)) break;
  }
  result.upstream = elapsed();
  co_await exchange.finish();
  co_return result;
}

} // namespace switchyard::http
