// Public keys for JWTs on one shard: fetched when first needed, after public_key_ttl, and when a token names
// a key that is not there. Shard thread only.
#pragma once

#include "http/access/jwt.hpp"
#include "http/access/jwt_settings.hpp"

#include <switchyard/aio.hpp>
#include <switchyard/clock.hpp>
#include <switchyard/identity.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace switchyard::http {
class Shard;
}

namespace switchyard::http::access {

class TokenKeys {
 public:
  /// Read once per configuration.
  const Result<JwtSettings>& settings(const std::shared_ptr<const PlaneSettings>& plane);
  const JwkSet& keys() const noexcept { return keys_; }
  /// Whether verifying this token has to wait for refresh().
  bool wants_refresh(const JwtHeader& header, Instant now) const;
  /// Fetches the JWKS of all URLs; those who come meanwhile wait for the same answer. Keys that are there
  /// stay when nothing can be fetched.
  aw<> refresh(Shard& shard);
  /// Claims whose signature was checked with these keys; null = not seen yet. A signature costs more than all
  /// the rest of a request.
  std::shared_ptr<const Value> seen(std::string_view hash) const;
  void remember(std::string_view token, std::string_view hash, std::shared_ptr<const Value> claims);
  const std::string& problem() const noexcept { return problem_; } ///< of the last refresh; "" = none

 private:
  struct Running;
  aw<Result<JwkSet>> fetch_keys(Shard& shard, std::string url) const;

  std::shared_ptr<const PlaneSettings> plane_;
  std::optional<Result<JwtSettings>> settings_;
  JwkSet keys_;
  std::optional<Instant> fetched_, tried_;
  std::string problem_;
  std::unordered_map<std::string, std::shared_ptr<const Value>, TextHash, std::equal_to<>> seen_;
  bool running_ = false;
  std::vector<steady_timer*> waiting_;
};

/// Comma-separated, blanks removed.
std::vector<std::string> urls_of(std::string_view list);

} // namespace switchyard::http::access
