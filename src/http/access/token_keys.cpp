// JWKS fetching with one request in flight per shard. Shard thread only.
#include "http/access/token_keys.hpp"

#include "http/access/fetch.hpp"

#include <switchyard/ascii.hpp>
#include <switchyard/json.hpp>
#include <switchyard/log.hpp>

#include <utility>

namespace switchyard::http::access {

namespace {

using std::chrono::seconds;

constexpr seconds k_between_tries{1};  ///< while there is no key at all
constexpr seconds k_between_looks{30}; ///< for keys that tokens name and nobody has
constexpr seconds k_grace{3600};       ///< old keys are good for so long when no new ones can be fetched

/// What a log may show: no credentials, no path, no query.
std::string_view host_of(std::string_view url) {
  if (const auto scheme = url.find("://"); scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#"));
  const auto at = url.rfind('@');
  return at == std::string_view::npos ? url : url.substr(at + 1);
}

seconds ttl_of(const std::optional<Result<JwtSettings>>& settings) {
  const bool known = settings && *settings;
  return seconds(static_cast<std::int64_t>(known ? (*settings)->public_key_ttl : 600));
}

} // namespace

std::vector<std::string> urls_of(std::string_view list) {
  std::vector<std::string> out;
  while (!list.empty()) {
    const auto part = list.substr(0, list.find(','));
    list.remove_prefix(std::min(list.size(), part.size() + 1));
    if (auto url = trim(part); !url.empty()) out.emplace_back(url);
  }
  return out;
}

const Result<JwtSettings>& TokenKeys::settings(const std::shared_ptr<const PlaneSettings>& plane) {
  if (settings_ && plane_ == plane) return *settings_;
  if (plane_ && plane && plane_->jwt_public_key_url != plane->jwt_public_key_url)
    keys_.clear(), seen_.clear(), fetched_.reset(), tried_.reset();
  plane_ = plane;
  settings_ = read_jwt_settings(*plane);
  return *settings_;
}

bool TokenKeys::wants_refresh(const JwtHeader& header, Instant now) const {
  const bool just_tried = tried_ && now - *tried_ < k_between_tries;
  if (!fetched_ || now - *fetched_ > ttl_of(settings_)) return !just_tried || running_;
  return !has_key(keys_, header) && (!tried_ || now - *tried_ >= k_between_looks);
}

std::shared_ptr<const Value> TokenKeys::seen(std::string_view hash) const {
  const auto found = seen_.find(hash);
  return found == seen_.end() ? nullptr : found->second;
}

void TokenKeys::remember(std::string_view token, std::string_view hash, std::shared_ptr<const Value> claims) {
  constexpr std::size_t k_most = 1024, k_longest = 8 * 1024;
  if (token.size() > k_longest) return;
  if (seen_.size() >= k_most) seen_.clear();
  seen_.emplace(hash, std::move(claims));
}

/// Ends the wait of those who came meanwhile, whatever happens.
struct TokenKeys::Running {
  explicit Running(TokenKeys& k) : keys(k) { keys.running_ = true; }
  ~Running() {
    keys.running_ = false;
    for (auto* timer : std::exchange(keys.waiting_, {})) timer->cancel();
  }
  Running(const Running&) = delete;
  TokenKeys& keys;
};

aw<Result<JwkSet>> TokenKeys::fetch_keys(Shard& shard, std::string url) const {
  for (int hops = 0; hops < 2; ++hops) {
    Fetch request;
    request.url = url;
    auto answer = co_await fetch(shard, std::move(request));
    if (!answer) co_return answer.error();
    if (answer->status != 200)
      co_return Error(Errc::bad_gateway, "answered with status " + std::to_string(answer->status));
    auto document = parse_json(answer->body);
    const auto next = document ? std::string(text_at(*document, "jwks_uri")) : std::string();
    if (next.empty()) co_return parse_jwks(answer->body);
    url = next; // a discovery document
  }
  co_return Error(Errc::bad_gateway, "points from one discovery document to another");
}

aw<> TokenKeys::refresh(Shard& shard) {
  if (running_) {
    steady_timer timer(shard.context, Instant::max());
    waiting_.push_back(&timer);
    co_await timer.async_wait(tuple_aw);
    co_return;
  }
  Running running(*this);
  tried_ = shard.now();
  JwkSet found;
  bool any = false;
  std::string problem;
  for (auto& url : urls_of(plane_->jwt_public_key_url)) {
    auto keys = co_await fetch_keys(shard, url);
    if (keys) {
      any = true;
      for (auto& key : *keys) found.push_back(std::move(key));
    } else {
      problem = keys.error().message.empty() ? std::string("it cannot be fetched") : keys.error().message;
      log::warning("jwt.keys_not_fetched", {{"host", host_of(url)}, {"problem", problem}});
    }
  }
  problem_ = any ? std::string() : problem.empty() ? "JWT_PUBLIC_KEY_URL is not set" : problem;
  if (any) keys_ = std::move(found), fetched_ = shard.now(), seen_.clear();
  if (!any && fetched_ && shard.now() - *fetched_ > ttl_of(settings_) + k_grace) keys_.clear(), seen_.clear();
}

} // namespace switchyard::http::access
