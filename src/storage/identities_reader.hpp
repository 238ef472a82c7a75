// Reads tables in pages and by lists of ids: few statements, flat memory. Store threads only; the first
// failure sticks and turns everything after it into nothing, so that callers check once.
#pragma once

#include "identities_rows.hpp"

#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::storage::identities {

using Ids = std::set<std::string>;
using EachRow = std::function<void(const Row&)>;

/// Columns that the records are made of; the database may lack some.
struct Source {
  std::string_view table, id;
  std::vector<std::string> columns;
  bool unique = true; ///< false: several rows share an id (memberships of a user)
};
namespace source {
extern const Source k_keys, k_teams, k_users, k_members, k_organizations, k_projects, k_customers, k_tags,
    k_access_groups, k_budgets, k_aliases, k_rotated;
}

class Reader {
 public:
  explicit Reader(Session& session) : session_(session) {}

  /// Every row, in pages by id. A table that the database lacks is empty.
  void all(const Source& source, std::vector<Condition> where, const EachRow& each);
  /// The rows whose `column` is one of the ids.
  void some(const Source& source, std::string_view column, const Ids& ids, const EachRow& each,
            std::vector<Condition> where = {});
  /// Texts of one column of the rows whose `column` is one of the ids.
  Ids ids_where(const Source& source, std::string_view column, const Ids& ids);

  Session& session() noexcept { return session_; }
  bool ok() const noexcept { return static_cast<bool>(state_); }
  const Result<void>& state() const noexcept { return state_; }
  void fail(const Error& error);

 private:
  Rows select(Select what);
  Session& session_;
  Result<void> state_ = boost::system::in_place_value;
};

/// Aliases that stand in ModelTable rows.
void add_aliases(TeamAliases& aliases, const Row& row);
/// Members of a team that has a default budget for them but no row (yet): limits without spend.
void add_default_members(RecordMap<MemberRecord>& members, const TeamRecord& team, const Context& context);
void add_access_group(RecordMap<AccessGroupRecord>& groups, std::shared_ptr<const AccessGroupRecord> group);

} // namespace switchyard::storage::identities
