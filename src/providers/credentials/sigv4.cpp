// Canonical request, string to sign, signing key, signature: in the words of AWS's documentation.
#include "providers/credentials/sigv4.hpp"

#include "providers/credentials/digest.hpp"

#include <switchyard/ascii.hpp>

#include <algorithm>
#include <ctime>

namespace switchyard::providers {

namespace {

/// Changed on the way, or no header of ours to promise.
constexpr std::string_view k_unsigned =
    "authorization user-agent date connection keep-alive proxy-authenticate proxy-authorization te trailer "
    "transfer-encoding upgrade expect x-amzn-trace-id host x-amz-date x-amz-security-token";

using Canonical = std::vector<std::pair<std::string, std::string>>;

/// Without dot segments and doubled slashes, each segment encoded once more.
std::string canonical_path(std::string_view path) {
  std::vector<std::string_view> parts;
  bool ends_in_slash = true;
  for (std::size_t at = 0; at < path.size();) {
    const auto end = std::min(path.find('/', at), path.size());
    const auto part = path.substr(at, end - at);
    if (part == "..") {
      if (!parts.empty()) parts.pop_back();
    } else if (!part.empty() && part != ".")
      parts.push_back(part);
    ends_in_slash = end < path.size() || part == "." || part == "..";
    at = end + 1;
  }
  std::string out;
  for (auto part : parts) out += "/" + path_segment(part);
  if (ends_in_slash || out.empty()) out += "/";
  return out;
}

std::string canonical_query(std::string_view query) {
  Canonical pairs;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    const auto pair = query.substr(0, end);
    const auto equals = std::min(pair.find('='), pair.size());
    if (!pair.empty())
      pairs.emplace_back(pair.substr(0, equals),
                         equals < pair.size() ? pair.substr(equals + 1) : std::string_view{});
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  std::sort(pairs.begin(), pairs.end());
  std::string out;
  for (auto& pair : pairs) out += (out.empty() ? "" : "&") + pair.first + "=" + pair.second;
  return out;
}

/// Trimmed, and inner runs of spaces are one space.
std::string canonical_value(std::string_view value) {
  std::string out;
  for (char c : trim(value))
    if (c != ' ' || out.empty() || out.back() != ' ') out += c;
  return out;
}

Canonical canonical_lines(const SigV4Request& request, const Token& aws, const std::string& time) {
  Canonical lines = {{"host", canonical_value(request.host)}, {"x-amz-date", time}};
  if (!aws.session_token.empty()) lines.emplace_back("x-amz-security-token", aws.session_token.reveal());
  for (auto& line : request.lines) {
    auto name = lower_case(line.name);
    if (has_word(k_unsigned, name)) continue;
    auto known = std::find_if(lines.begin(), lines.end(), [&](auto& other) { return other.first == name; });
    if (known == lines.end())
      lines.emplace_back(std::move(name), canonical_value(line.value));
    else
      known->second += "," + canonical_value(line.value);
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

/// "20150830T123600Z"
std::string amz_date(WallTime now) {
  const auto seconds = static_cast<std::time_t>(
      std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count());
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  const auto size = std::strftime(text, sizeof text, "%Y%m%dT%H%M%SZ", &utc);
  return std::string(text, size);
}

std::string signing_key(const Token& aws, std::string_view day, std::string_view region,
                        std::string_view service) {
  auto key = hmac_sha256("AWS4" + std::string(aws.secret_key.reveal()), day);
  key = hmac_sha256(key, region);
  key = hmac_sha256(key, service);
  return hmac_sha256(key, "aws4_request");
}

} // namespace

std::vector<HeadLine> sign_v4(const SigV4Request& request, const Token& aws, WallTime now) {
  const auto mark = std::min(request.path.find('?'), request.path.size());
  const auto query = mark < request.path.size() ? request.path.substr(mark + 1) : request.query;
  const auto time = amz_date(now);
  std::string headers, names;
  for (auto& line : canonical_lines(request, aws, time)) {
    headers += line.first + ":" + line.second + "\n";
    names += (names.empty() ? "" : ";") + line.first;
  }
  const auto canonical = std::string(request.method) + "\n" + canonical_path(request.path.substr(0, mark)) +
                         "\n" + canonical_query(query) + "\n" + headers + "\n" + names + "\n" +
                         to_hex(sha256(request.body));
  const auto day = time.substr(0, 8);
  const auto scope =
      day + "/" + std::string(request.region) + "/" + std::string(request.service) + "/aws4_request";
  const auto text = "AWS4-HMAC-SHA256\n" + time + "\n" + scope + "\n" + to_hex(sha256(canonical));
  const auto signature = to_hex(hmac_sha256(signing_key(aws, day, request.region, request.service), text));

  std::vector<HeadLine> lines = {{"x-amz-date", time}};
  if (!aws.session_token.empty())
    lines.push_back({"x-amz-security-token", std::string(aws.session_token.reveal()), true});
  lines.push_back({"Authorization",
                   "AWS4-HMAC-SHA256 Credential=" + aws.access_key + "/" + scope +
                       ", SignedHeaders=" + names + ", Signature=" + signature,
                   true});
  return lines;
}

} // namespace switchyard::providers
