// Which of a group's healthy rows may take a request: one small rule per filter, in the order of spec
// router.md 2.1. Pure functions over the roster and its views; the model_group actor runs only those that a
// roster needs. To add one: a file here, its declaration and a row in table.cpp.
#pragma once

#include "actors/limits.hpp"
#include "actors/order.hpp"

#include <switchyard/graph.hpp>

#include <string_view>
#include <utility>
#include <vector>

namespace switchyard::actors {

struct Roster;

/// The rows that are left for one pick. A filter that leaves none says why.
struct Shortlist {
  Order order;
  Order later;               ///< rows of later `order` levels: for when all before them refuse
  Shortfall why;             ///< of rows that were left out for a limit, or of the last one
  std::uint16_t healthy = 0; ///< rows before the filters
  bool ignores_cooling = false;
  bool met_full_row = false;
};

struct Filter {
  std::string_view name;
  bool (*wanted)(const Roster& roster, const RouterSettings& settings);
  void (*apply)(const Roster& roster, const PickQuery& query, Shortlist& list);
};

/// The filters that `roster` needs under `settings`; none for the plainest configuration.
std::vector<const Filter*> filters_for(const Roster& roster, const RouterSettings& settings);

/// The candidates of a pick, best first.
Shortlist make_shortlist(const Roster& roster, const PickQuery& query);

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

namespace filters {
void within_limits(const Roster& roster, const PickQuery& query, Shortlist& list);
void fits_context(const Roster& roster, const PickQuery& query, Shortlist& list);
void in_region(const Roster& roster, const PickQuery& query, Shortlist& list);
void by_tags(const Roster& roster, const PickQuery& query, Shortlist& list);
void with_room(const Roster& roster, const PickQuery& query, Shortlist& list);
void by_order(const Roster& roster, const PickQuery& query, Shortlist& list);
} // namespace filters

} // namespace switchyard::actors
