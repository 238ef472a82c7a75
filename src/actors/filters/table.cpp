// The table of filters and the way a pick takes through it.
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
  return any_row(roster, [](const ModelRow& row) { return row.params.rpm || row.params.tpm; });
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
bool wants_region(const Roster&, const RouterSettings& settings) { return settings.enable_pre_call_checks; }
bool wants_tags(const Roster&, const RouterSettings& settings) { return settings.enable_tag_filtering; }
bool wants_room(const Roster& roster, const RouterSettings& settings) {
  return settings.adaptive_concurrency || settings.default_max_parallel_requests ||
         any_row(roster, [](const ModelRow& row) { return row.params.max_parallel_requests.has_value(); });
}
bool wants_order(const Roster& roster, const RouterSettings&) {
  return any_row(roster, [](const ModelRow& row) { return row.params.order.has_value(); });
}

constexpr Filter k_filters[] = {
    {"limits", wants_limits, filters::within_limits}, // first: "too many requests" before "too long"
    {"context", wants_context, filters::fits_context},
    {"region", wants_region, filters::in_region},
    {"tags", wants_tags, filters::by_tags},
    {"room", wants_room, filters::with_room},
    {"order", wants_order, filters::by_order}, // last: the lowest level of the rows that remain
};

/// A row asked for by id: that row and no other, cooling or not.
void only_seat(const Roster& roster, std::int32_t seat, Shortlist& list) {
  list.order.clear();
  list.ignores_cooling = true;
  if (static_cast<std::size_t>(seat) < roster.seats.size())
    list.order.push_back(static_cast<std::uint16_t>(seat));
  else
    list.why.which = Refusal::no_row;
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

void fill_shortlist(const Roster& roster, const PickQuery& query, Shortlist& list) {
  healthy_seats(roster, query.now, list);
  if (query.only >= 0) return only_seat(roster, query.only, list);
  for (const auto* filter : roster.filters)
    if (!list.order.empty()) filter->apply(roster, query, list);
  if (list.order.empty()) return;
  const auto level = std::min<std::size_t>(list.order.size(), list.level);
  roster.strategy->order(roster, query, Candidates(list.order.data(), level));
  if (query.prefer >= 0) move_to_front(list.order, query.prefer);
}

} // namespace switchyard::actors
