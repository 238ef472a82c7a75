// Small answers: JSON, text and errors.
#include "http/answers.hpp"

#include "http/header_text.hpp"

#include <switchyard/inbound.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace switchyard::http {

namespace {

constexpr std::string_view k_json_type = "Content-Type: application/json\r\n";

/// Headers that describe the hop or the body as it was sent to us.
bool is_transport_header(std::string_view name) {
  constexpr std::array<std::string_view, 9> k_names = {
      "connection", "keep-alive",         "transfer-encoding", "te",        "trailer",
      "upgrade",    "proxy-authenticate", "proxy-connection",  "set-cookie"};
  for (auto k : k_names)
    if (k.size() == name.size() && same_text(name, k)) return true;
  return false;
}

/// One line, its name in lower case behind `prefix`; `rest` begins with the colon.
void append_line(std::string& out, std::string_view prefix, std::string_view name, std::string_view rest) {
  auto before = out.size();
  out.resize(before + prefix.size() + name.size() + rest.size() + 2);
  auto* at = std::copy(prefix.begin(), prefix.end(), out.data() + before);
  for (char c : name) *at++ = lower(c);
  at = std::copy(rest.begin(), rest.end(), at);
  at[0] = '\r', at[1] = '\n';
}

std::string error_headers(const Error& error, std::string_view headers) {
  std::string out(k_json_type);
  out += headers;
  if (error.retry_after.count() >= 0) {
    auto seconds = static_cast<long long>(std::ceil(static_cast<double>(error.retry_after.count()) / 1000.0));
    out += "Retry-After: " + std::to_string(seconds) + "\r\n";
  }
  if (error.code == Errc::missing_key || error.code == Errc::wrong_key) out += "WWW-Authenticate: Bearer\r\n";
  append_provider_headers(out, error.extra().upstream_headers);
  return out;
}

/// Anthropic's limits by the names of OpenAI's; "" = another header.
std::string_view openai_limit(std::string_view name) {
  struct Pair {
    std::string_view theirs, openai;
  };
  static constexpr auto k_limits =
      std::to_array<Pair>({{"anthropic-ratelimit-requests-limit", "x-ratelimit-limit-requests"},
                           {"anthropic-ratelimit-requests-remaining", "x-ratelimit-remaining-requests"},
                           {"anthropic-ratelimit-tokens-limit", "x-ratelimit-limit-tokens"},
                           {"anthropic-ratelimit-tokens-remaining", "x-ratelimit-remaining-tokens"}});
  for (auto& pair : k_limits)
    if (same_text(name, pair.theirs)) return pair.openai;
  return {};
}

} // namespace

void append_provider_headers(std::string& out, std::string_view raw_headers) {
  for (std::size_t at = 0; at < raw_headers.size();) {
    auto end = raw_headers.find("\r\n", at);
    auto line = raw_headers.substr(at, end == std::string_view::npos ? std::string_view::npos : end - at);
    at = end == std::string_view::npos ? raw_headers.size() : end + 2;
    auto colon = line.find(':');
    if (colon == std::string_view::npos || colon == 0) continue;
    auto name = line.substr(0, colon);
    if (is_transport_header(name)) continue;
    auto rest = line.substr(colon);
    if (starts_with_text(name, "x-ratelimit-")) append_line(out, {}, name, rest);
    if (auto limit = openai_limit(name); !limit.empty()) append_line(out, {}, limit, rest);
    append_line(out, "llm_provider-", name, rest);
  }
}

aw<bool> answer_json(Exchange& exchange, int status, std::string_view body, std::string_view headers) {
  std::string all(k_json_type);
  all += headers;
  const std::array slices{body};
  co_return co_await settled(exchange.respond(status, all, slices));
}

aw<bool> answer_text(Exchange& exchange, int status, std::string_view content_type, std::string_view body) {
  std::string headers = "Content-Type: ";
  headers += content_type, headers += "\r\n";
  const std::array slices{body};
  co_return co_await settled(exchange.respond(status, headers, slices));
}

aw<bool> answer_error(Exchange& exchange, const Error& error, std::string_view headers) {
  if (error.code == Errc::cancelled) co_return false;
  auto body = providers::error_body(exchange.endpoint, error);
  auto all = error_headers(error, headers);
  const std::array<std::string_view, 1> slices{body};
  co_return co_await settled(exchange.respond(error.http_status(), all, slices));
}

} // namespace switchyard::http
