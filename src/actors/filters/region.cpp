// Region (spec router.md 2.5): with allowed_model_region only rows known to be there; a row that says nothing
// about its place is not, since that is what the setting is for.
#include "actors/roster.hpp"

#include <switchyard/ascii.hpp>

#include <algorithm>

namespace switchyard::actors {

namespace {

/// Where clouds write the place of a row.
constexpr std::string_view k_places[] = {"aws_region_name", "vertex_location", "vertex_ai_location",
                                         "watsonx_region_name"};

/// Beginnings of region names, for the two classes that LiteLLM knows.
struct RegionClass {
  std::string_view name, beginning;
};
constexpr RegionClass k_classes[] = {
    {"eu", "eu-"},           {"eu", "europe"},         {"eu", "westeurope"},
    {"eu", "northeurope"},   {"eu", "france"},         {"eu", "germany"},
    {"eu", "sweden"},        {"eu", "switzerland"},    {"eu", "norway"},
    {"eu", "poland"},        {"eu", "italy"},          {"eu", "spain"},
    {"us", "us-"},           {"us", "eastus"},         {"us", "westus"},
    {"us", "centralus"},     {"us", "northcentralus"}, {"us", "southcentralus"},
    {"us", "westcentralus"},
};

bool is_in(std::string_view region, std::string_view allowed) {
  if (region == allowed) return true;
  // "us-central1" and "us" itself, but "us-gov" too: a class is a legal area, not a data centre.
  return std::any_of(std::begin(k_classes), std::end(k_classes), [&](const RegionClass& row) {
    return row.name == allowed && region.starts_with(row.beginning);
  });
}

} // namespace

std::string region_of(const ModelRow& row) {
  if (!row.params.region_name.empty()) return lower_case(row.params.region_name);
  for (auto place : k_places)
    for (const auto& [name, value] : row.params.raw)
      if (name == place && value.as_string()) return lower_case(*value.as_string());
  return {};
}

void filters::in_region(const Roster& roster, const PickQuery& query, Shortlist& list) {
  if (!query.wants || query.wants->region.empty()) return;
  const auto allowed = lower_case(query.wants->region);
  keep_if(list.order, [&](std::uint16_t seat) { return is_in(roster.seats[seat].region, allowed); });
  if (list.order.empty() && list.why.which == Refusal::none) list.why.which = Refusal::region;
}

} // namespace switchyard::actors
