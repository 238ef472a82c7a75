// A client's request passed on as it is: another path on the target's host, with the target's credentials.
// Pure.
#include "providers/openai/encode.hpp"

namespace switchyard::providers {
namespace {

using std::string_view;

/// Of the request line, without what the endpoint appends: "/v1" of "POST /v1/chat/completions HTTP/1.1".
string_view base_path(string_view head) {
  auto path = head.substr(5, head.find(' ', 5) - 5);
  path = path.substr(0, path.find('?'));
  constexpr string_view k_chat = "/chat/completions";
  return path.ends_with(k_chat) ? path.substr(0, path.size() - k_chat.size()) : path;
}

/// Azure has a path of its own for realtime sessions, below no deployment: the GA form for rows with version
/// v1, else the preview's (learn.microsoft.com: realtime-audio-websockets).
std::string azure_realtime(const OpenAiTarget& target, string_view head, string_view path) {
  constexpr string_view k_model = "?model=";
  auto base = base_path(head);
  base = base.substr(0, base.find("/openai"));
  auto query = path.substr(path.find(k_model) + k_model.size());
  const bool ga =
      target.api_version == "v1" || target.api_version == "latest" || target.api_version == "preview";
  std::string out(base);
  if (ga) return out.append("/openai/v1/realtime?model=").append(query);
  return out.append("/openai/realtime?api-version=")
      .append(target.api_version)
      .append("&deployment=")
      .append(query);
}

bool is_azure_realtime(const OpenAiTarget& target, const Forwarded& asked) {
  return asked.below_base && target.row->has(k_azure_urls) && asked.path.starts_with("/realtime?model=");
}

} // namespace

Result<void> encode_forwarded(const OpenAiTarget& target, const Forwarded& asked, Wire& out) {
  auto& head = target.head(Endpoint::chat);
  if (!head.origin) return Error(Errc::bad_request, "this provider has no upstream to pass requests on to");
  out.clear();
  const string_view text = head.text;
  const auto lines = text.substr(text.find("\r\n") + 2);
  out.origin = head.origin;
  out.head.assign(asked.method).append(" ");
  if (is_azure_realtime(target, asked))
    out.head.append(azure_realtime(target, text, asked.path));
  else if (asked.below_base)
    out.head.append(base_path(text)).append(asked.path);
  else
    out.head.append(asked.path);
  out.head.append(" HTTP/1.1\r\n");
  const auto moved =
      static_cast<std::int64_t>(out.head.size()) - static_cast<std::int64_t>(text.size() - lines.size());
  out.head += lines;
  for (auto range : head.secrets)
    out.secret_ranges.emplace_back(static_cast<std::uint32_t>(range.first + moved), range.second);
  for (auto& line : asked.headers)
    if (!names_header(text, line.name))
      out.head.append(line.name).append(": ").append(line.value).append("\r\n");
  // A GET without content has no length; some WebSocket servers refuse one.
  if (asked.method != "GET" || !asked.body.empty())
    out.head.append("Content-Length: ").append(std::to_string(asked.body.size())).append("\r\n");
  out.head.append("\r\n");
  if (!asked.body.empty()) out.body.push_back(asked.body);
  return {};
}

} // namespace switchyard::providers
