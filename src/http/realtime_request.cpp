// Reading the upgrade request of a realtime session. Pure.
#include "http/realtime_request.hpp"

#include "http/base64.hpp"
#include "http/header_text.hpp"
#include "http/query.hpp"

#include <switchyard/json_scan.hpp>

#include <algorithm>

namespace switchyard::http {

namespace {

using std::string_view;

constexpr string_view k_protocols = "sec-websocket-protocol";
constexpr std::uint16_t k_upgrade_required = 426;

/// Calls `take` with every word of a comma-separated header, of all its lines, until it returns true.
template <class Take>
bool any_word(const RequestHead& head, string_view name, Take take) {
  for (auto& header : head.headers) {
    if (!same_text(header.name, name)) continue;
    for (auto rest = header.value; !rest.empty();) {
      const auto comma = std::min(rest.find(','), rest.size());
      if (take(trim(rest.substr(0, comma)))) return true;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return false;
}

bool has_word(const RequestHead& head, string_view name, string_view word) {
  return any_word(head, name, [word](string_view one) { return same_text(one, word); });
}

Error no_upgrade(std::string message) {
  Error error(Errc::invalid_request, std::move(message), k_upgrade_required);
  error.extra().param = "upgrade";
  return error;
}

Error bad(string_view param, string_view what) {
  Error error(Errc::invalid_request, std::string(param) + ": " + std::string(what));
  error.extra().param = param;
  return error;
}

/// "model", or Azure's name for it.
std::string model_of(const RequestHead& head) {
  auto model = query_value(head.query, "model");
  return model.empty() ? query_value(head.query, "deployment") : model;
}

} // namespace

Result<std::string> read_realtime_request(const RequestHead& head) {
  if (head.http_1_0 || !has_word(head, "upgrade", "websocket") || !has_word(head, "connection", "upgrade"))
    return no_upgrade("This route is a WebSocket: send Connection: Upgrade and Upgrade: websocket");
  if (trim(head.find("sec-websocket-version")) != "13")
    return no_upgrade("Sec-WebSocket-Version: must be 13");
  if (from_base64(trim(head.find("sec-websocket-key"))).size() > 16 ||
      trim(head.find("sec-websocket-key")).size() != 24)
    return bad("sec-websocket-key", "must be 16 bytes in base64");
  if (head.chunked || head.content_length.value_or(0) > 0)
    return bad("content-length", "a request for a WebSocket has no body");
  const auto model = model_of(head);
  if (model.empty()) return bad("model", "is missing: /v1/realtime?model=NAME");
  return "{\"model\":" + json_string(model) + "}";
}

string_view upgrade_hint(const Error& error) {
  return error.http_status() == k_upgrade_required ? "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                                                   : string_view();
}

string_view chosen_protocol(const RequestHead& head) {
  string_view chosen;
  any_word(head, k_protocols, [&chosen](string_view word) {
    if (word == "realtime") return chosen = word, true;
    if (chosen.empty() && !word.starts_with("openai-")) chosen = word;
    return false;
  });
  return chosen;
}

bool wants_beta(const RequestHead& head) {
  return has_word(head, "openai-beta", "realtime=v1") ||
         has_word(head, k_protocols, "openai-beta.realtime-v1");
}

} // namespace switchyard::http
