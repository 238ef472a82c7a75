// Which of a group's healthy rows may take a request: one small rule per filter, in the order of spec
// router.md 2.1. Pure functions over the roster and its views; the model_group actor runs only those that a
// roster needs. To add one: a file here, its declaration and a row in table.cpp.
#pragma once

#include "actors/order.hpp"

#include <switchyard/graph.hpp>

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

namespace re2 {
class RE2;
}

namespace switchyard::actors {

struct Roster;
struct Seat;

struct Filter {
  std::string_view name;
  bool GroupNeeds::*needs; ///< what it looks at in a query; null = nothing
  bool (*wanted)(const Roster& roster, const RouterSettings& settings);
  void (*apply)(const Roster& roster, const PickQuery& query, Shortlist& list);
};

/// The filters that `roster` needs under `settings`; none for the plainest configuration.
std::vector<const Filter*> filters_for(const Roster& roster, const RouterSettings& settings);

/// What they, the limits and the strategy look at in a query.
GroupNeeds needs_of(const Roster& roster);

/// Fills a fresh list with the candidates of a pick, best first.
void fill_shortlist(const Roster& roster, const PickQuery& query, Shortlist& list);

/// Leaves the seats that `fits`.
template <class Fits>
void keep_if(Order& order, Fits fits) {
  Order kept;
  for (auto seat : order)
    if (fits(seat)) kept.push_back(seat);
  order = std::move(kept);
}

/// "eu-west-1" for what a row says about its place; lower case, empty = nothing.
std::string region_of(const ModelRow& row);

/// Its tag_regex, compiled; patterns that are none are left out.
std::vector<std::shared_ptr<const re2::RE2>> tag_patterns(const LitellmParams& params);

namespace filters {
void within_limits(const Roster& roster, const PickQuery& query, Shortlist& list);
void fits_context(const Roster& roster, const PickQuery& query, Shortlist& list);
void takes_format(const Roster& roster, const PickQuery& query, Shortlist& list);
void in_region(const Roster& roster, const PickQuery& query, Shortlist& list);
/// The row is everybody's or the request's own team's.
bool may_use(const Seat& seat, const PickQuery& query);
void of_team(const Roster& roster, const PickQuery& query, Shortlist& list);
void within_budgets(const Roster& roster, const PickQuery& query, Shortlist& list);
void by_tags(const Roster& roster, const PickQuery& query, Shortlist& list);
void with_room(const Roster& roster, const PickQuery& query, Shortlist& list);
/// `order` of a seat's row; rows without one come last.
std::int64_t level_of(const Roster& roster, std::uint16_t seat);
void by_order(const Roster& roster, const PickQuery& query, Shortlist& list);
} // namespace filters

} // namespace switchyard::actors
