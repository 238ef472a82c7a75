// Forms, heads, JSON fields, times and errors of token servers.
#include "providers/credentials/exchange.hpp"

#include <algorithm>
#include <ctime>

namespace switchyard::providers {

namespace {

constexpr std::size_t k_longest_text = 300; ///< of a server's words in our message
constexpr std::int64_t k_longest_life = 10ll * 366 * 86400;
constexpr std::int64_t k_unsaid_life = 600; ///< seconds, when the server does not say

bool safe_in_head(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

void star(std::string& text, std::string_view secret) {
  if (secret.size() < 4) return;
  for (auto at = text.find(secret); at != std::string::npos; at = text.find(secret, at + 3))
    text.replace(at, secret.size(), "***");
}

/// One printable line of at most k_longest_text bytes.
std::string one_line(std::string text) {
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  if (text.size() > k_longest_text) {
    auto end = k_longest_text;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
    text.resize(end), text += "...";
  }
  return text;
}

std::string_view between(std::string_view text, std::string_view open, std::string_view close) {
  const auto from = text.find(open);
  if (from == std::string_view::npos) return {};
  text.remove_prefix(from + open.size());
  return text.substr(0, std::min(text.find(close), text.size()));
}

/// The error that a server names: OAuth's, Google's, IBM's or AWS's form. "" = none of them.
std::string named_error(std::string_view body) {
  if (auto json = parse_json(body); json && json->as_map()) {
    const auto* error = json->find("error");
    if (error && error->as_map()) return std::string(text_at(*error, "message"));
    std::string text(error ? text_at(*json, "error") : text_at(*json, "errorCode", text_at(*json, "Code")));
    for (auto key : {"error_description", "errorMessage", "message", "Message"})
      if (auto more = text_at(*json, key); !more.empty())
        return text += (text.empty() ? "" : ": "), text += more;
    return text;
  }
  std::string text(between(body, "<Code>", "</Code>"));
  if (auto more = between(body, "<Message>", "</Message>"); !more.empty()) text += ": ", text += more;
  return text;
}

/// A number, or digits in a string (Azure's metadata server).
bool seconds_at(const Value& object, std::string_view key, std::int64_t& out) {
  const auto* value = object.find(key);
  if (!value) return false;
  double number = 0;
  if (value->number(number)) {
    if (!(number > -1e15 && number < 1e15)) return false;
    return out = static_cast<std::int64_t>(number), true;
  }
  const auto text = text_at(object, key);
  if (text.empty() || text.size() > 15 || text.find_first_not_of("0123456789") != std::string_view::npos)
    return false;
  return out = std::stoll(std::string(text)), true;
}

WallTime expiry(const Value& answer, WallTime now) {
  std::int64_t life = k_unsaid_life, until = 0;
  WallTime named{};
  if (seconds_at(answer, "expires_in", life) || seconds_at(answer, "expiresIn", life))
    return now + std::chrono::seconds(std::clamp<std::int64_t>(life, 0, k_longest_life));
  if (seconds_at(answer, "expires_on", until) || seconds_at(answer, "expiration", until)) {
    const auto so_far = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
    return now + std::chrono::seconds(std::clamp<std::int64_t>(until - so_far, 0, k_longest_life));
  }
  if (parse_time(text_at(answer, "expireTime"), named)) return named;
  return now + std::chrono::seconds(k_unsaid_life);
}

} // namespace

std::string to_form(const Form& form) {
  std::string out;
  for (auto& field : form)
    out += (out.empty() ? "" : "&") + path_segment(field.first) + "=" + path_segment(field.second);
  return out;
}

Result<TokenRequest> make_request(const Issuer& issuer, const BaseUrl& url, TokenCall call) {
  TokenRequest request;
  request.origin = url.origin, request.timeout = call.timeout;
  if (call.path.empty()) call.path = url.path.empty() ? "/" : url.path;
  if (call.path.find('?') == std::string::npos && !url.query.empty()) call.path += "?" + url.query;
  if (!safe_in_head(call.path))
    return credentials_error(issuer, "the path of its URL holds control characters");
  request.head = call.method + " " + call.path + " HTTP/1.1\r\nHost: " + url.host_header +
                 "\r\nUser-Agent: switchyard\r\n";
  for (auto& line : call.lines) {
    if (!safe_in_head(line.value))
      return credentials_error(issuer, line.name + " would hold control characters");
    request.head += line.name + ": " + line.value + "\r\n";
  }
  if (call.method != "GET") request.head += "Content-Length: " + std::to_string(call.body.size()) + "\r\n";
  request.head += "\r\n";
  request.body = std::move(call.body);
  return request;
}

Result<TokenRequest> post_form(const Issuer& issuer, const BaseUrl& url, const Form& form,
                               std::vector<HeadLine> lines) {
  TokenCall call;
  call.method = "POST", call.lines = std::move(lines), call.body = to_form(form);
  call.lines.push_back({"Accept", "application/json"});
  call.lines.push_back({"Content-Type", "application/x-www-form-urlencoded"});
  return make_request(issuer, url, std::move(call));
}

Result<BaseUrl> token_url(std::string_view field, std::string_view text) {
  auto url = parse_base_url(text);
  if (!url)
    return config_error(field, std::string(field) + " is not a URL of the form https://host[:port][/path]");
  return url;
}

Error credentials_error(const Issuer& issuer, std::string_view why) {
  return Error(Errc::authentication, "litellm.AuthenticationError: " + issuer.name + ": " +
                                         one_line(std::string(why)) + ". Check " + issuer.hint + ".");
}

Error token_refused(const Issuer& issuer, const UpstreamAnswer& answer,
                    std::span<const std::string_view> secrets) {
  std::string text = answer.status == 0 ? std::string(answer.body) : named_error(answer.body);
  for (auto secret : secrets) star(text, secret);
  text = one_line(std::move(text));
  if (answer.status != 0 && answer.status < 500 && answer.status != 429)
    return credentials_error(issuer, "the request for credentials was refused with status " +
                                         std::to_string(answer.status) +
                                         (text.empty() ? "" : " (" + text + ")"));
  Error error(Errc::service_unavailable,
              "litellm.ServiceUnavailableError: " + issuer.name + ": credentials could " + "not be fetched");
  error.message +=
      answer.status == 0 ? ", the server was not reached" : ", status " + std::to_string(answer.status);
  if (!text.empty()) error.message += " (" + text + ")";
  error.message += ".";
  return error;
}

Result<Value> json_answer(const Issuer& issuer, const UpstreamAnswer& answer,
                          std::span<const std::string_view> secrets) {
  if (!succeeded(answer)) return token_refused(issuer, answer, secrets);
  auto json = parse_json(answer.body);
  if (!json || !json->as_map()) return credentials_error(issuer, "the answer is not a JSON object");
  return json;
}

Result<Token> oauth_token(const Issuer& issuer, const UpstreamAnswer& answer, WallTime now,
                          std::span<const std::string_view> secrets) {
  auto json = json_answer(issuer, answer, secrets);
  if (!json) return json.error();
  const auto bearer = text_at(*json, "access_token", text_at(*json, "accessToken"));
  if (bearer.empty()) return credentials_error(issuer, "the answer has no access_token");
  if (!safe_in_head(bearer)) return credentials_error(issuer, "the access_token holds control characters");
  Token token;
  token.bearer = Secret(std::string(bearer));
  token.expires = expiry(*json, now);
  return token;
}

bool parse_time(std::string_view text, WallTime& out) {
  if (text.size() < 19 || text.size() > 40) return false;
  const std::string copy(text);
  std::tm utc{};
  const char* rest = strptime(copy.c_str(), "%Y-%m-%dT%H:%M:%S", &utc);
  if (!rest || utc.tm_year < 0 || utc.tm_year > 300) return false; // nanoseconds end
  if (*rest == '.') rest += 1 + std::string_view(rest + 1).find_first_not_of("0123456789");
  int hours = 0, minutes = 0;
  if ((*rest == '+' || *rest == '-') && std::sscanf(rest + 1, "%2d:%2d", &hours, &minutes) != 2) return false;
  const int offset = (*rest == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
  out = std::chrono::system_clock::from_time_t(timegm(&utc) - offset);
  return true;
}

std::string param(const LitellmParams& params, std::string_view key) {
  for (auto& entry : params.raw)
    if (entry.first == key) {
      if (auto text = entry.second.as_string()) return *text;
      return entry.second.is_null() ? std::string() : to_json(entry.second);
    }
  return {};
}

std::string param_or_env(const LitellmParams& params, std::string_view key, EnvLookup env,
                         std::string_view names) {
  auto text = param(params, key);
  return text.empty() ? first_env(names, env) : text;
}

} // namespace switchyard::providers
