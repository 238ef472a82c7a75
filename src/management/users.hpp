// The handlers of /user/* and what they share. Store threads.
#pragma once

#include "management/access.hpp"
#include "management/fields.hpp"

#include <span>
#include <string>
#include <string_view>

namespace switchyard::management {

Reply user_new(Session& session, const Call& call);
Reply user_info(Session& session, const Call& call);
Reply user_info_v2(Session& session, const Call& call);
Reply user_roles(Session& session, const Call& call);
Reply user_update(Session& session, const Call& call);
Reply user_bulk_update(Session& session, const Call& call);
Reply user_list(Session& session, const Call& call);
Reply user_filter(Session& session, const Call& call);
Reply user_delete(Session& session, const Call& call);

std::span<const Field> user_fields();

struct RoleText {
  std::string_view name, label, description;
};
std::span<const RoleText> user_role_texts(); ///< those that a user may have
/// user_role is one of them, limits are well formed.
Out<void> check_user(const Call& call, const Body& body);
/// Nobody else has the email.
Out<void> check_email(Session& session, std::string_view email, std::string_view user_id);
/// Columns of given fields, metadata, times and password included.
Out<ValueMap> user_columns(Session& session, const Call& call, const Body& body, const Row& before);

} // namespace switchyard::management
