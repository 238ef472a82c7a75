// The table of filters and the way a pick takes through it.
#include "actors/rendezvous.hpp"
#include "actors/roster.hpp"

#include <algorithm>

namespace switchyard::actors {

namespace {

template <class Has>
bool any_row(const Roster& roster, Has has) {
  return std::any_of(roster.seats.begin(), roster.seats.end(),
                     [&](const Seat& seat) { return has(seat.deployment->row); });
}

bool has_rates(const Roster& roster) {
  return any_row(
      roster, [](const ModelRow& row) { return row.params.rpm || row.params.tpm || row.itpm || row.otpm; });
}
bool wants_limits(const Roster& roster, const RouterSettings& settings) {
  const bool used = roster.strategy->limits != LimitUse::hint || settings.enforce_model_rate_limits ||
                    settings.enable_pre_call_checks;
  return used && has_rates(roster);
}
bool wants_context(const Roster& roster, const RouterSettings& settings) {
  return settings.enable_pre_call_checks &&
         any_row(roster, [](const ModelRow& row) { return row.max_input_tokens.has_value(); });
}
bool wants_format(const Roster& roster, const RouterSettings& settings) {
  return settings.enable_pre_call_checks &&
         std::any_of(roster.seats.begin(), roster.seats.end(),
                     [](auto& seat) { return !seat.deployment->takes_response_format; });
}
bool wants_region(const Roster&, const RouterSettings& settings) { return settings.enable_pre_call_checks; }
bool wants_team(const Roster& roster, const RouterSettings&) {
  return any_row(roster, [](const ModelRow& row) { return !row.team_id.empty(); });
}
bool wants_budgets(const Roster& roster, const RouterSettings&) { return roster.budgets != nullptr; }
bool wants_tags(const Roster&, const RouterSettings& settings) { return settings.enable_tag_filtering; }
bool wants_room(const Roster& roster, const RouterSettings& settings) {
  return settings.adaptive_concurrency || settings.default_max_parallel_requests ||
         any_row(roster, [](const ModelRow& row) { return row.params.max_parallel_requests.has_value(); });
}
bool wants_order(const Roster& roster, const RouterSettings&) {
  return any_row(roster, [](const ModelRow& row) { return row.params.order.has_value(); });
}

constexpr Filter k_filters[] = {
    {"team", &GroupNeeds::wants, wants_team, filters::of_team}, // first: others' rows are not there at all
    {"budgets", nullptr, wants_budgets, filters::within_budgets},
    {"limits", &GroupNeeds::tokens, wants_limits, filters::within_limits}, // "too many" before "too long"
    {"context", &GroupNeeds::tokens, wants_context, filters::fits_context},
    {"format", &GroupNeeds::wants, wants_format, filters::takes_format},
    {"region", &GroupNeeds::wants, wants_region, filters::in_region},
    {"tags", &GroupNeeds::wants, wants_tags, filters::by_tags},
    {"room", &GroupNeeds::room, wants_room, filters::with_room},
    {"order", &GroupNeeds::levels, wants_order, filters::by_order}, // last: of the rows that remain
};

/// A row asked for by id: that row and no other, cooling or not; but not another team's.
void only_seat(const Roster& roster, const PickQuery& query, Shortlist& list) {
  list.order.clear();
  list.ignores_cooling = true;
  const auto seat = static_cast<std::size_t>(query.only);
  if (seat >= roster.seats.size())
    list.why.which = Refusal::no_row;
  else if (!filters::may_use(roster.seats[seat], query))
    list.why.which = Refusal::team;
  else
    list.order.push_back(static_cast<std::uint16_t>(seat));
}

/// Rows that are out whatever the filters say: those that cannot serve it, the levels that have failed, and
/// the row that is tried already. First, so that nobody waits for one of them.
void leave_out(const Roster& roster, const PickQuery& query, Shortlist& list) {
  if (const auto rows = query.wants ? query.wants->within : 0; rows != 0)
    keep_if(list.order, [&](auto seat) { return seat < 64 && (rows >> seat & 1) != 0; });
  if (query.except >= 0) keep_if(list.order, [&](auto seat) { return seat != query.except; });
  if (query.above_order == PickQuery::k_any_order) return;
  keep_if(list.order, [&](auto seat) { return filters::level_of(roster, seat) > query.above_order; });
  if (list.order.empty()) list.why.which = Refusal::order;
}

/// Rendezvous hashing: nothing is stored, instances agree, and a row that comes or goes moves only its own.
void nearest_first(const Roster& roster, std::uint64_t who, Candidates order) {
  const auto score = [&](std::uint16_t seat) {
    const auto& row = roster.seats[seat];
    return rendezvous(who, row.id_hash, row.shares[0].value_or(1));
  };
  const auto nearest = std::min_element(order.begin(), order.end(),
                                        [&](auto left, auto right) { return score(left) < score(right); });
  std::rotate(order.begin(), nearest, nearest + 1);
}

/// Rows that this request has tried go behind the others of their level.
void tried_last(Candidates order, std::uint64_t tried) {
  std::stable_partition(order.begin(), order.end(),
                        [&](auto seat) { return seat >= 64 || (tried >> seat & 1) == 0; });
}

void move_to_front(Order& order, std::int32_t seat) {
  const auto found = std::find(order.begin(), order.end(), seat);
  if (found != order.end()) std::rotate(order.begin(), found, found + 1);
}

} // namespace

std::vector<const Filter*> filters_for(const Roster& roster, const RouterSettings& settings) {
  std::vector<const Filter*> wanted;
  for (const auto& filter : k_filters)
    if (filter.wanted(roster, settings)) wanted.push_back(&filter);
  return wanted;
}

GroupNeeds needs_of(const Roster& roster) {
  GroupNeeds needs;
  for (const auto* filter : roster.filters)
    if (filter->needs) needs.*filter->needs = true;
  const auto enforced = [](const Seat& seat) {
    const auto& limits = seat.limits;
    return limits.enforce && (limits.tpm || limits.itpm || limits.otpm);
  };
  needs.tokens = needs.tokens || std::any_of(roster.seats.begin(), roster.seats.end(), enforced);
  needs.room = needs.room && roster.most_waiting > 0;
  needs.prefix = roster.strategy->order == strategies::prefix_affinity;
  needs.marked = roster.prompt_caching && !needs.prefix && roster.seats.size() > 1;
  return needs;
}

void fill_shortlist(const Roster& roster, const PickQuery& query, Shortlist& list) {
  healthy_seats(roster, query.now, list);
  if (query.only >= 0) return only_seat(roster, query, list);
  leave_out(roster, query, list);
  for (const auto* filter : roster.filters)
    if (!list.order.empty()) filter->apply(roster, query, list);
  if (list.order.empty()) return;
  const auto level = std::min<std::size_t>(list.order.size(), list.level);
  const Candidates first(list.order.data(), level);
  roster.strategy->order(roster, query, first);
  if (query.affinity != 0)
    nearest_first(roster, query.affinity, first);
  else if (roster.needs.marked && query.prefix_hash != 0)
    strategies::prefix_affinity(roster, query, first); // the row that has it in its cache
  if (query.tried != 0) tried_last(first, query.tried);
  if (query.prefer >= 0) move_to_front(list.order, query.prefer);
}

} // namespace switchyard::actors
