// Rows whose provider or own budget is used up (spec management.md 6.3). A sum may be a request behind.
#include "actors/roster.hpp"

namespace switchyard::actors::filters {

void within_budgets(const Roster& roster, const PickQuery& query, Shortlist& list) {
  keep_if(list.order, [&](std::uint16_t seat) {
    return !roster.budgets->over(*roster.seats[seat].deployment, query.now);
  });
}

} // namespace switchyard::actors::filters
