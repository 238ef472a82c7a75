// --debug's "POST Request Sent from LiteLLM": the upstream request as a curl command, keys masked, body shown
// because the user asked for it.
#include "http/relay.hpp"

#include <switchyard/log.hpp>
#include <switchyard/secret.hpp>

namespace switchyard::http {

namespace {

constexpr std::size_t k_body_shown = 4096;

std::string masked_head(const providers::Wire& wire) {
  std::string head = wire.head;
  for (auto it = wire.secret_ranges.rbegin(); it != wire.secret_ranges.rend(); ++it)
    head.replace(it->first, it->second, Secret(wire.head.substr(it->first, it->second)).masked());
  return head;
}

std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (char c : text) c == '\'' ? void(out += "'\\''") : void(out += c);
  return out += "'";
}

} // namespace

void log_curl(const Attempt& attempt, const providers::Wire& wire) {
  auto head = masked_head(wire);
  auto line_end = head.find("\r\n");
  auto method = head.substr(0, head.find(' '));
  auto target = head.substr(method.size() + 1, head.find(' ', method.size() + 1) - method.size() - 1);
  std::string curl = "curl -X " + method + " \\\n";
  curl += wire.origin->tls ? "https://" : "http://";
  curl += wire.origin->host + ":" + std::to_string(wire.origin->port) + target + " \\\n";
  for (auto at = line_end + 2; at < head.size();) {
    auto end = head.find("\r\n", at);
    if (end == std::string::npos || end == at) break;
    curl += "-H " + shell_quoted(std::string_view(head).substr(at, end - at)) + " ";
    at = end + 2;
  }
  std::string body;
  for (auto slice : wire.body) {
    if (body.size() > k_body_shown) break;
    body += slice.substr(0, k_body_shown);
  }
  curl += "\\\n-d " +
          shell_quoted(attempt.request.json ? std::string_view(body) : std::string_view("<multipart body>"));
  log::write_block(LogLevel::debug,
                   "POST Request Sent from LiteLLM: call_id=" + attempt.context.exchange.call_id, curl);
}

} // namespace switchyard::http
