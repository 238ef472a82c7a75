// Passes a client's request on and the answer back. Shard code; translates nothing.
#include "http/forward.hpp"

#include "http/answers.hpp"
#include "http/header_text.hpp"
#include "http/pass_meter.hpp"
#include "http/route_table.hpp"
#include "http/routes/routes.hpp"
#include "http/token_desk.hpp"
#include "http/upstream/client.hpp"

#include <switchyard/credentials.hpp>

#include <algorithm>
#include <array>

namespace switchyard::http {

namespace {

using std::string_view;

constexpr Millis k_connect_timeout{10'000};

bool starts_with_any(string_view name, std::span<const string_view> prefixes) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [name](string_view prefix) { return starts_with_text(name, prefix); });
}

/// Keys, cookies, our own headers and what frames the message or describes the hop.
bool stays_here(string_view name) {
  static constexpr auto k_names = std::to_array<string_view>({"authorization",
                                                              "x-api-key",
                                                              "api-key",
                                                              "x-goog-api-key",
                                                              "ocp-apim-subscription-key",
                                                              "cookie",
                                                              "host",
                                                              "content-length",
                                                              "transfer-encoding",
                                                              "connection",
                                                              "keep-alive",
                                                              "te",
                                                              "trailer",
                                                              "upgrade",
                                                              "expect",
                                                              "proxy-authorization",
                                                              "proxy-connection",
                                                              "accept-encoding",
                                                              "content-encoding",
                                                              "user-agent"});
  static constexpr auto k_prefixes =
      std::to_array<string_view>({"x-litellm-", "x-forwarded-", "x-pass-", "x-stainless-"});
  return std::any_of(k_names.begin(), k_names.end(),
                     [name](string_view own) { return same_text(name, own); }) ||
         starts_with_any(name, k_prefixes);
}

bool describes_the_call(string_view name) {
  static constexpr auto k_prefixes =
      std::to_array<string_view>({"content-type", "accept", "anthropic-", "openai-", "x-goog-", "range"});
  return starts_with_any(name, k_prefixes);
}

/// The upstream's headers that the client gets: all but those of the connection.
std::string answer_headers(string_view raw) {
  static constexpr auto k_hop = std::to_array<string_view>(
      {"connection:", "keep-alive:", "transfer-encoding:", "content-length:", "date:", "set-cookie:",
       "server:", "trailer:", "upgrade:", "proxy-", "alt-svc:"});
  std::string out;
  for (std::size_t at = 0; at < raw.size();) {
    const auto end = raw.find("\r\n", at);
    const auto line = raw.substr(at, end == string_view::npos ? end : end - at);
    at = end == string_view::npos ? raw.size() : end + 2;
    if (!line.empty() && !starts_with_any(line, k_hop)) out.append(line).append("\r\n");
  }
  return out;
}

aw<> relay(RequestContext& context, upstream::Reply& reply, PassMeter* meter) {
  auto& exchange = context.exchange;
  auto headers = answer_headers(reply.raw_headers());
  if (meter) meter->begin(reply), meter->append_headers(headers);
  exchange.start_stream(reply.status(), headers);
  bool broken = false;
  for (;;) {
    auto bytes = co_await settled(reply.read(exchange.cancel));
    broken = !bytes;
    if (broken || bytes->empty()) break;
    if (meter) meter->take(*bytes);
    const std::array slices{*bytes};
    if (co_await settled(exchange.write(slices))) continue;
    if (meter) meter->end(true);
    co_return;
  }
  if (meter) meter->end(broken);
  co_await settled(exchange.finish(broken)); // cut off, as the upstream was
}

aw<> send(RequestContext& context, const Origin& origin, string_view head, std::span<const string_view> body,
          PassMeter* meter) {
  upstream::Request request;
  request.origin = &origin, request.head = head, request.body = body;
  const Millis limit(static_cast<std::int64_t>(context.config.general.pass_through_timeout * 1000));
  request.connect_timeout = std::min(limit, k_connect_timeout);
  request.first_byte_timeout = request.idle_timeout = limit;
  auto reply = co_await context.shard.client->send(request, context.exchange.cancel);
  if (reply) {
    co_await relay(context, *reply, meter);
    co_return;
  }
  if (meter) meter->fail(reply.error());
  co_await answer_error(context.exchange, reply.error());
}

/// False = refused, and answered.
aw<bool> admitted(RequestContext& context, PassMeter* meter, string_view body) {
  if (!meter) co_return true;
  const auto refused = co_await meter->open(body);
  if (refused.code == Errc::none) co_return true;
  co_await answer_error(context.exchange, refused);
  co_return false;
}

} // namespace

bool is_passed_on(const RequestContext& context) noexcept {
  auto* handle = context.route ? context.route->handle : nullptr;
  return handle == routes::pass_through || handle == routes::configured_pass_through;
}

std::vector<HeaderLine> forwarded_headers(const RequestHead& head, bool all) {
  constexpr string_view k_pass = "x-pass-";
  std::vector<HeaderLine> out;
  for (auto& header : head.headers) {
    if (starts_with_text(header.name, k_pass)) {
      const auto name = header.name.substr(k_pass.size());
      if (!name.empty() && !stays_here(name)) out.push_back({std::string(name), std::string(header.value)});
    } else if (!stays_here(header.name) && (all || describes_the_call(header.name))) {
      out.push_back({std::string(header.name), std::string(header.value)});
    }
  }
  return out;
}

aw<> forward(RequestContext& context, std::shared_ptr<const providers::Target> target, std::string path,
             bool below_base, PassMeter* meter) {
  auto body = co_await settled(context.exchange.read_body(context.config.server.max_body_bytes));
  if (!body) {
    co_await answer_error(context.exchange, body.error());
    co_return;
  }
  if (!co_await admitted(context, meter, *body)) co_return;
  providers::Call call;
  call.now = context.shard.clock.wall();
  call.call_id = context.exchange.call_id;
  TokenPtr token; // as long as the call
  if (target->tokens) {
    auto fetched = co_await token_for(context.shard, *context.process.shards.front(), target->tokens,
                                      context.exchange.cancel);
    if (!fetched) {
      if (meter) meter->fail(fetched.error());
      co_await answer_error(context.exchange, fetched.error());
      co_return;
    }
    token = std::move(*fetched), call.token = token.get();
  }
  const auto headers = forwarded_headers(context.exchange.head, false);
  const providers::Forwarded asked{context.exchange.head.method, path, below_base, headers, *body};
  providers::Wire wire;
  auto made = providers::provider_of(*target).forward(*target, call, asked, wire);
  if (!made) {
    co_await answer_error(context.exchange, made.error());
    co_return;
  }
  co_await send(context, *wire.origin, wire.head, wire.body, meter);
}

aw<> forward_to(RequestContext& context, const Origin& origin, std::string head, PassMeter& meter) {
  auto body = co_await settled(context.exchange.read_body(context.config.server.max_body_bytes));
  if (!body) {
    co_await answer_error(context.exchange, body.error());
    co_return;
  }
  if (!co_await admitted(context, &meter, *body)) co_return;
  head += "Content-Length: " + std::to_string(body->size()) + "\r\n\r\n";
  const std::array slices{*body};
  co_await send(context, origin, head, slices, &meter);
}

} // namespace switchyard::http
