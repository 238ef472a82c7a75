// One request through the shard's upstream client. Shard code.
#include "http/access/fetch.hpp"

#include "http/upstream/client.hpp"

#include <switchyard/ascii.hpp>

#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include <algorithm>
#include <array>

namespace switchyard::http::access {

namespace {

struct Place {
  Origin origin;
  std::string host, target;
};

Result<Place> place_of(const std::string& url) {
  const auto parsed = boost::urls::parse_uri(url);
  Place place;
  if (!parsed || parsed->encoded_host().empty() ||
      (parsed->scheme() != "https" && parsed->scheme() != "http"))
    return Error(Errc::config, "not an http or https URL");
  place.origin.tls = parsed->scheme() == "https";
  place.origin.host = lower_case(std::string(parsed->host_address()));
  place.origin.port = place.origin.tls ? 443 : 80;
  if (parsed->has_port()) place.origin.port = parsed->port_number();
  place.host = std::string(parsed->encoded_host_and_port());
  place.target = std::string(parsed->encoded_path());
  if (place.target.empty()) place.target = "/";
  if (parsed->has_query()) place.target += "?" + std::string(parsed->encoded_query());
  return place;
}

std::string head_of(const Fetch& request, const Place& place) {
  std::string head = request.method + " " + place.target + " HTTP/1.1\r\nHost: " + place.host +
                     "\r\nAccept: application/json\r\nUser-Agent: switchyard\r\n";
  if (!request.authorization.empty()) head += "Authorization: " + request.authorization + "\r\n";
  if (!request.content_type.empty())
    head += "Content-Type: " + request.content_type +
            "\r\nContent-Length: " + std::to_string(request.body.size()) + "\r\n";
  return head += "\r\n";
}

bool safe_value(std::string_view value) {
  return std::none_of(value.begin(), value.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

} // namespace

aw<Result<Fetched>> fetch(Shard& shard, Fetch request) {
  const auto place = place_of(request.url);
  if (!place) co_return place.error();
  if (!safe_value(request.authorization)) co_return Error(Errc::config, "control characters in a header");
  const auto head = head_of(request, *place);
  const std::array<std::string_view, 1> body = {request.body};
  CancelScope cancel; // nobody's but ours: others may wait for the same answer
  upstream::Request wire;
  wire.origin = &place->origin, wire.head = head;
  if (!request.body.empty()) wire.body = body;
  wire.first_byte_timeout = wire.idle_timeout = wire.connect_timeout = request.timeout;
  wire.deadline = shard.now() + request.timeout;
  auto reply = co_await shard.client->send(wire, cancel);
  if (!reply) co_return reply.error();
  auto text = co_await settled(reply->read_all(request.most, cancel));
  if (!text) co_return text.error();
  Fetched out;
  out.status = reply->status(), out.body = *text;
  out.cache_control = reply->header("cache-control");
  co_return out;
}

} // namespace switchyard::http::access
