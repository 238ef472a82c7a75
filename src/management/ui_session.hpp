// Sessions of the admin UI: a short-lived key of the team litellm-dashboard inside a signed token. Store
// threads.
#pragma once

#include "management/rows.hpp"

#include <string>

namespace switchyard::management {

/// Who logs in.
struct UiUser {
  std::string id, email, role;
};

struct UiSession {
  std::string key_hash; ///< to publish
  std::string token;    ///< the JWT that the page keeps
};

/// Writes the session's key. Call inside a transaction. Needs a master key: it signs the token.
Out<UiSession> open_ui_session(Session& session, const Call& call, const UiUser& user);

/// PROXY_BASE_URL and the root path, without a slash at the end; "" when the page is relative to the server.
std::string ui_base(const Call& call);

/// The parts of people_routes(): login and onboarding, invitations, the audit log, keys of JWT claims.
std::span<const Route> login_routes();
std::span<const Route> invitation_routes();
std::span<const Route> audit_routes();
std::span<const Route> jwt_mapping_routes();

} // namespace switchyard::management
