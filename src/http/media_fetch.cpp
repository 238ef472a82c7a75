// One GET for each URL and each redirect, under one limit of bytes and one of time. Shard code.
#include "http/media_fetch.hpp"

#include "http/base64.hpp"
#include "http/shard.hpp"
#include "http/upstream/resolver.hpp"
#include "http/url_guard.hpp"

#include <switchyard/ascii.hpp>
#include <switchyard/log.hpp>

#include <algorithm>
#include <array>

namespace switchyard::http {

namespace {

using std::string_view;

constexpr Millis k_limit{30'000}; ///< for all URLs of a call
constexpr int k_most_redirects = 10;

/// What is left of the limits.
struct Allowance {
  std::size_t bytes;
  Instant deadline;
};

/// LiteLLM's words. What exactly was wrong with a host is for the log: the client may be guessing at what is
/// inside.
Error not_fetched(string_view url, string_view why) {
  Error error(Errc::bad_request);
  error.message.append("litellm.BadRequestError: Error: Unable to fetch image from URL. ")
      .append(why)
      .append(" url=")
      .append(url.substr(0, 200));
  return error;
}

Error not_reached(const UserUrl& place, string_view url, const Error& error) {
  if (error.code == Errc::cancelled) return error;
  log::warning("media.not_fetched", {{"host", place.origin.host}, {"error", error.message}});
  return not_fetched(url,
                     "The proxy could not reach this host or its URL policy rejected it; an admin can check "
                     "the proxy log and `user_url_allowed_hosts` in litellm_settings.");
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

struct Magic {
  string_view bytes, type;
};
constexpr auto k_magic = std::to_array<Magic>({{"\x89PNG", "image/png"},
                                               {"\xFF\xD8\xFF", "image/jpeg"},
                                               {"GIF8", "image/gif"},
                                               {"%PDF-", "application/pdf"}});

bool is_readable(string_view type) {
  static constexpr auto k_kinds = std::to_array<string_view>(
      {"image/", "audio/", "video/", "text/", "application/pdf", "application/msword",
       "application/vnd.openxmlformats-", "application/vnd.ms-"});
  return std::any_of(k_kinds.begin(), k_kinds.end(),
                     [type](string_view kind) { return type.starts_with(kind); });
}

/// The client for a place; null = it must not be reached.
upstream::Client* client_for(Shard& shard, const LitellmSettings& settings, const UserUrl& place) {
  if (!settings.user_url_validation || is_allowed(place, settings.user_url_allowed_hosts))
    return shard.client.get();
  return is_blocked_address(place) ? nullptr : shard.guarded.get();
}

/// The whole answer of a place as a data URL, or a redirect.
Result<std::string> as_data_url(const upstream::Reply& reply, string_view bytes, string_view url) {
  const auto encoding = reply.header("content-encoding");
  if (!encoding.empty() && !same_text(encoding, "identity"))
    return not_fetched(url, "The server compressed it without being asked to.");
  const auto type = media_type(reply.header("content-type"), bytes);
  if (type.empty()) return not_fetched(url, "It is neither a picture nor a document.");
  return "data:" + type + ";base64," + to_base64(bytes);
}

aw<Result<std::string>> fetch_one(Shard& shard, const LitellmSettings& settings, const std::string& url,
                                  Allowance& left, CancelScope& cancel) {
  auto place = read_user_url(url);
  for (int hop = 0; place && hop <= k_most_redirects; ++hop) {
    auto* client = client_for(shard, settings, *place);
    if (!client)
      co_return not_reached(*place, url, Error(Errc::api_connection, "an address that is not public"));
    const auto head = "GET " + place->target + " HTTP/1.1\r\nHost: " + place->authority +
                      "\r\nAccept: */*\r\nAccept-Encoding: identity\r\nUser-Agent: switchyard\r\n\r\n";
    upstream::Request request;
    request.origin = &place->origin, request.head = head;
    request.first_byte_timeout = request.idle_timeout = k_limit;
    request.deadline = left.deadline;
    auto reply = co_await client->send(request, cancel);
    if (!reply) co_return not_reached(*place, url, reply.error());
    if (is_redirect(reply->status())) {
      place = read_redirect(*place, reply->header("location"));
      continue;
    }
    if (reply->status() != 200)
      co_return not_fetched(url, "Status code: " + std::to_string(reply->status()) + ",");
    if (reply->content_length().value_or(0) > left.bytes) co_return not_fetched(url, "It is too large.");
    auto bytes = co_await settled(reply->read_all(left.bytes, cancel));
    if (!bytes && bytes.error().code == Errc::bad_gateway) co_return not_fetched(url, "It is too large.");
    if (!bytes) co_return not_reached(*place, url, bytes.error());
    left.bytes -= std::min(left.bytes, bytes->size());
    co_return as_data_url(*reply, *bytes, url);
  }
  if (!place) co_return not_fetched(url, place.error().message + ".");
  co_return not_fetched(url, "Too many redirects.");
}

} // namespace

std::string media_type(string_view content_type, string_view bytes) {
  auto type = lower_case(std::string(content_type.substr(0, content_type.find(';'))));
  while (type.ends_with(' ')) type.pop_back();
  if (is_readable(type)) return type;
  if (!type.empty() && type != "application/octet-stream" && type != "binary/octet-stream") return {};
  for (auto& row : k_magic)
    if (bytes.starts_with(row.bytes)) return std::string(row.type);
  if (bytes.starts_with("RIFF") && bytes.substr(8).starts_with("WEBP")) return "image/webp";
  return "application/octet-stream";
}

void make_guarded_client(Shard& shard, upstream::ClientOptions options) {
  options.http_proxy.clear(), options.https_proxy.clear();
  options.resolver = std::make_shared<upstream::Resolver>(look_up_public);
  shard.guarded = std::make_unique<upstream::Client>(shard, std::move(options));
}

aw<Result<std::vector<providers::FetchedMedia>>> fetch_media(Shard& shard, const LitellmSettings& settings,
                                                             std::vector<std::string> urls, Instant deadline,
                                                             CancelScope& cancel) {
  std::vector<providers::FetchedMedia> out;
  Allowance left{static_cast<std::size_t>(settings.max_media_mb * 1048576.0),
                 std::min(deadline, shard.now() + k_limit)};
  if (left.bytes == 0 && !urls.empty())
    co_return not_fetched(urls.front(), "Image URL download is disabled (MAX_IMAGE_URL_DOWNLOAD_SIZE_MB=0).");
  for (auto& url : urls) {
    auto fetched = co_await fetch_one(shard, settings, url, left, cancel);
    if (!fetched) co_return fetched.error();
    out.push_back({url, std::move(*fetched)});
  }
  co_return out;
}

} // namespace switchyard::http
