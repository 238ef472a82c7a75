// What the two files of /organization/* share. Store threads.
#pragma once

#include "management/attached.hpp"

namespace switchyard::management {

/// Adds members (each with user and budget), teams and the linked rows to every organization, in a handful
/// of statements.
Out<void> link_organizations(Session& session, Rows& rows);
/// Proxy admin, or org_admin of this organization.
Out<bool> administers_organization(Session& session, const Call& call, const std::string& id);
Out<Row> find_membership(Session& session, const std::string& organization, const std::string& user);

Reply add_organization_members(Session& session, const Call& call);
Reply update_organization_member(Session& session, const Call& call);
Reply delete_organization_member(Session& session, const Call& call);

} // namespace switchyard::management
