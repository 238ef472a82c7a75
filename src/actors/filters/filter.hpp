// Which of a group's healthy rows may take a request: one small rule per filter, in the order of spec
// router.md 2.1. Pure functions over the roster and its views; the model_group actor runs only those that a
// roster needs. To add one: a file here, its declaration and a row in table.cpp.
#pragma once

#include "actors/order.hpp"

#include <switchyard/graph.hpp>

#include <string_view>
#include <utility>
#include <vector>

namespace switchyard::actors {

struct Roster;

struct Filter {
  std::string_view name;
  bool (*wanted)(const Roster& roster, const RouterSettings& settings);
  void (*apply)(const Roster& roster, const PickQuery& query, Shortlist& list);
};

/// The filters that `roster` needs under `settings`; none for the plainest configuration.
std::vector<const Filter*> filters_for(const Roster& roster, const RouterSettings& settings);

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

namespace filters {
void within_limits(const Roster& roster, const PickQuery& query, Shortlist& list);
void fits_context(const Roster& roster, const PickQuery& query, Shortlist& list);
void in_region(const Roster& roster, const PickQuery& query, Shortlist& list);
void by_tags(const Roster& roster, const PickQuery& query, Shortlist& list);
void with_room(const Roster& roster, const PickQuery& query, Shortlist& list);
void by_order(const Roster& roster, const PickQuery& query, Shortlist& list);
} // namespace filters

} // namespace switchyard::actors
