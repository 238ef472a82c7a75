// Records of a key put together, and what is wrong with the key itself. Shard code without Asio.
#include "http/access/identity.hpp"

#include "http/access/texts.hpp"

#include <switchyard/config.hpp>

namespace switchyard::http::access {

namespace {

/// A record that the key names; missing ones matter only while the set is not complete.
template <class R>
bool fill(std::shared_ptr<const R>& into, std::shared_ptr<const R> record, std::string_view id,
          const Identities& records) {
  into = std::move(record);
  return id.empty() || into || records.complete();
}

Error still_loading() {
  Error error(Errc::unavailable, "The keys are still being loaded, please try again.");
  error.extra().type = "no_db_connection";
  error.retry_after = Millis(1000);
  return error;
}

/// "sk-...WXYZ"
std::string abbreviated(const KeyRecord& key) { return key.name.empty() ? "sk-..." : key.name; }

} // namespace

Result<std::unique_ptr<Identity>> identify(const Identities& records, std::shared_ptr<const KeyRecord> key) {
  auto out = std::make_unique<Identity>();
  auto& id = *out;
  id.key = std::move(key), id.groups = &records;
  auto& k = *id.key;
  bool whole = true;
  if (!k.team_id.empty()) whole = fill(id.team, records.team_ptr(k.team_id), k.team_id, records) && whole;
  if (!k.user_id.empty()) whole = fill(id.user, records.user_ptr(k.user_id), k.user_id, records) && whole;
  if (id.team && id.user) id.member = records.member_ptr(k.team_id + ":" + k.user_id);
  if (!k.project_id.empty())
    whole = fill(id.project, records.project_ptr(k.project_id), k.project_id, records) && whole;
  const auto& organization =
      k.organization_id.empty() && id.team ? id.team->organization_id : k.organization_id;
  if (!organization.empty())
    whole = fill(id.organization, records.organization_ptr(organization), organization, records) && whole;
  if (!whole) return still_loading();
  if (id.user) id.role = id.user->role;
  return out;
}

Result<void> check_key(const Identity& identity, WallTime now) {
  auto& key = *identity.key;
  if (key.blocked) return auth_refusal("Key is blocked. Update via `/key/unblock` if you're an admin.");
  if (identity.team && identity.team->blocked)
    return auth_refusal("Team=" + identity.team->id +
                        " is blocked. Update via `/team/unblock` if you're an admin.");
  if (!key.expires || *key.expires > now) return {};
  Error error(Errc::wrong_key, "Authentication Error - Expired Key. Key Expiry time " +
                                   time_text(*key.expires) + " and current time " + time_text(now));
  error.extra().type = "expired_key", error.extra().param = abbreviated(key);
  return error;
}

const PlaneSettings& plane_of(const Config& config) {
  static const PlaneSettings k_defaults;
  return config.plane ? *config.plane : k_defaults;
}

Error auth_refusal(std::string_view text) {
  return Error(Errc::wrong_key, "Authentication Error, " + std::string(text));
}

Error forbidden(std::string_view text) { return Error(Errc::forbidden, std::string(text)); }

} // namespace switchyard::http::access
