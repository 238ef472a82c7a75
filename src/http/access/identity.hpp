// Who a request belongs to: the key's record and those that hang on it. Made by the authentication of one
// request, immutable from then on; shard code without Asio.
#pragma once

#include <switchyard/error.hpp>
#include <switchyard/identity.hpp>
#include <switchyard/plane.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {
struct Config;
}

namespace switchyard::http::access {

/// Not made for the master key and for anonymous requests. The records stay as they were at the request's
/// start, whatever is posted to the shard meanwhile.
struct Identity {
  /// Never null. Of a JWT, an OAuth2 token or a custom authentication a record made for this request.
  std::shared_ptr<const KeyRecord> key;
  std::shared_ptr<const TeamRecord> team;
  std::shared_ptr<const UserRecord> user;
  std::shared_ptr<const MemberRecord> member;
  std::shared_ptr<const OrganizationRecord> organization;
  std::shared_ptr<const ProjectRecord> project;
  std::string role;        ///< global role; "" = none is known
  bool virtual_key = true; ///< false: `key` is made up and has no row
  /// Of a token with several teams: those that may take the place of `team` when it does not open the model.
  std::vector<std::shared_ptr<const TeamRecord>> other_teams;
  std::string end_user;               ///< named by a token; before whatever the request says
  bool only_llm = false;              ///< the store could not be asked: LLM routes and nothing else
  const Identities* groups = nullptr; ///< the shard's, for access groups; only used within one turn

  const std::string& user_id() const { return key->user_id; }
  const std::string& team_id() const { return key->team_id; }
  const std::string& hash() const { return key->hash; }
};

/// Collects the records. Fails with `unavailable` when something that limits the key is still being loaded.
Result<std::unique_ptr<Identity>> identify(const Identities& records, std::shared_ptr<const KeyRecord> key);

/// Blocked or expired; good for every route. Texts of spec management.md 1.2.
Result<void> check_key(const Identity& identity, WallTime now);

/// The settings, or their defaults when the configuration was made by hand (tests).
const PlaneSettings& plane_of(const Config& config);

/// 401 {"type":"auth_error","param":"None"} with LiteLLM's "Authentication Error, " in front.
Error auth_refusal(std::string_view text);
/// 403 of the same kind, without the prefix.
Error forbidden(std::string_view text);

} // namespace switchyard::http::access
