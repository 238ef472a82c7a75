// One request for threads that may block: a shard of its own for as long as it takes, with the upstream
// client's trust store and proxies. Main's and the store's threads; never on a shard that serves.
#include "http/access/fetch.hpp"
#include "http/shard_stats.hpp"
#include "http/upstream/client.hpp"
#include "http/upstream_options.hpp"

#include <switchyard/server.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace switchyard::http {

namespace {

constexpr std::size_t k_longest = 16 * 1024 * 1024;

aw<> run(Shard& shard, access::Fetch request, Result<access::Fetched>& out) {
  out = co_await access::fetch(shard, std::move(request));
  shard.client->shut_down();
  shard.context.stop();
}

Result<std::string> call(const Config& config, access::Fetch request) {
  if (auto usable = check_upstream_settings(config); !usable) return usable.error();
  const SystemClock clock;
  ProcessLimits limits;
  Shard shard(0, clock, limits, 1);
  shard.client = std::make_unique<upstream::Client>(shard, upstream_options(config));
  Result<access::Fetched> answer = Error(Errc::unavailable);
  asio::co_spawn(shard.context, run(shard, std::move(request), answer), asio::detached);
  shard.context.run();
  shard.client.reset();
  if (!answer) return answer.error();
  if (answer->status != 200)
    return Error(Errc::bad_gateway, "answered with status " + std::to_string(answer->status));
  return std::move(answer->body);
}

} // namespace

Result<std::string> download(const Config& config, const std::string& url, Millis limit) {
  access::Fetch request;
  request.url = url, request.timeout = limit, request.most = k_longest;
  return call(config, std::move(request));
}

Result<std::string> post(const Config& config, const std::string& url, std::string body, Millis limit) {
  access::Fetch request;
  request.method = "POST", request.content_type = "application/json", request.body = std::move(body);
  request.url = url, request.timeout = limit, request.most = k_longest;
  return call(config, std::move(request));
}

} // namespace switchyard::http
