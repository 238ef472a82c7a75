// Daily activity: aggregates of a table LiteLLM_Daily*Spend as a tree of days and breakdowns. Pure but for
// the looking up of names, store threads.
#pragma once

#include "management/spend.hpp"

namespace switchyard::management {

/// A kind of entity that daily rows are kept for.
struct DailyKind {
  std::string_view table, column;     ///< DailyTeamSpend, team_id
  std::string_view ids, excluded;     ///< query parameters
  std::string_view names, key, alias; ///< table, key column and name of the entity; "" = none
};

/// {"results":[...],"metadata":{...}} of rows of the daily tables.
Out<Value> daily_results(Session& session, const DailyKind& kind, const Rows& rows, std::int64_t page,
                         std::int64_t pages);

Reply user_daily(Session& session, const Call& call);
Reply user_daily_aggregated(Session& session, const Call& call);
Reply team_daily(Session& session, const Call& call);
Reply team_daily_aggregated(Session& session, const Call& call);
Reply tag_daily(Session& session, const Call& call);
Reply tag_daily_aggregated(Session& session, const Call& call);
Reply organization_daily(Session& session, const Call& call);
Reply organization_daily_aggregated(Session& session, const Call& call);
Reply customer_daily(Session& session, const Call& call);
Reply customer_daily_aggregated(Session& session, const Call& call);
Reply agent_daily(Session& session, const Call& call);
Reply agent_daily_aggregated(Session& session, const Call& call);

} // namespace switchyard::management
