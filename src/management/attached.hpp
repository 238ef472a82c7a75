// What customers, organizations, projects and tags have in common: a budget row, object permissions, who may
// write them, and FastAPI's bare {"detail": ...} answers. Store threads.
#pragma once

#include "management/fields.hpp"
#include "management/rows.hpp"

#include <string>
#include <string_view>

namespace switchyard::management {

/// {"detail":{"error": text}}: an HTTPException that nobody wrapped.
Reply detail(int status, std::string_view error);
/// {"detail": text}
Reply detail_text(int status, std::string_view text);
/// "Admin-only endpoint. Not allowed to access this., your role=<role>"
Reply admin_only(const Call& call, int status);

/// The reply with one more thing to read again and publish, unless it is a refusal.
Reply touching(Reply reply, Touched::What what, std::string id);

std::string role_of(const Call& call); ///< "None" when there is none
std::string actor(const Call& call);   ///< for created_by: the caller's user id or the admin's
Value now_value(const Call& call);

/// created_at, created_by, updated_at, updated_by of a new row.
void stamp(const Call& call, Row& row);

/// Reads a body by the endpoint's own table and the budget's fields.
bool read_with_budget(const Call& call, std::span<const Field> own, Body& out, Reply& reply);
std::span<const Field> budget_fields();
/// Budget fields that the body sets; null is as absent.
ValueMap budget_columns(const Body& body);
/// Refuses values that are no budgets per model.
Out<void> check_model_budgets(const Body& body);
/// Changes a budget's row; a new duration starts a new window unless the reset is given too. An empty row =
/// there is none.
Out<Row> update_budget(Session& session, const Call& call, const std::string& id, ValueMap columns);

/// The id for an entity's budget_id: the one that the body names (which must exist), else that of `existing`
/// with the body's fields, else of a new row with them. A null value when the body says nothing and there is
/// none; `always` makes an empty budget then.
Out<Value> attach_budget(Session& session, const Call& call, const Body& body, const std::string& existing,
                         bool always = false);
/// Members of a body's object_permission.
std::span<const Field> permission_fields();
/// The same for object_permission: the id of the row that holds it.
Out<Value> attach_permission(Session& session, const Body& body, const std::string& existing);

/// May act for a team: proxy admin, or an admin among the team's members.
bool administers(const Call& call, const Row& team);

} // namespace switchyard::management
