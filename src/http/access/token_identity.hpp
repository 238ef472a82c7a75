// From a token's claims to an identity: roles, scopes, user, teams, organization (spec management.md 1.7).
// Pure; the token's signature has been verified.
#pragma once

#include "http/access/identity.hpp"
#include "http/access/jwt_settings.hpp"

#include <switchyard/value.hpp>

#include <functional>
#include <string_view>

namespace switchyard::http::access {

struct TokenQuestion {
  std::string_view token; ///< hashed into the identity's name, never kept
  std::string_view path;
  std::string_view wanted_team; ///< x-litellm-team-id; "" = the token decides
};

/// Errors: 401 and 403 that say what the token lacks, 503 while records are being loaded.
Result<std::unique_ptr<Identity>> identify_token(const Value& claims, const JwtSettings& settings,
                                                 const Identities& records, const TokenQuestion& question);

/// Puts the first team that `opens` says yes to in the identity's place; 403 when none does. Does nothing for
/// identities with one team.
Result<void> choose_team(Identity& identity, const Identities& records, std::string_view model,
                         const std::function<bool(const Identity&)>& opens);

} // namespace switchyard::http::access
