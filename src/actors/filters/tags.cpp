// Tags (spec router.md 2.6): a tagged request goes to rows that share one of its tags (or have all of them),
// else to rows tagged "default"; one without tags to rows tagged "default" where there are any, else to all.
#include "actors/roster.hpp"

#include <algorithm>

namespace switchyard::actors::filters {

namespace {

using Tags = std::vector<std::string>;

bool has(const Tags& tags, std::string_view tag) {
  return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

bool matches(const Tags& asked, const Tags& row, bool any) {
  const auto known = [&](const std::string& tag) { return has(row, tag); };
  return any ? std::any_of(asked.begin(), asked.end(), known)
             : std::all_of(asked.begin(), asked.end(), known);
}

} // namespace

void by_tags(const Roster& roster, const PickQuery& query, Shortlist& list) {
  const auto tags_of = [&](std::uint16_t seat) -> const Tags& {
    return roster.seats[seat].deployment->row.params.tags;
  };
  const bool tagged = query.wants && !query.wants->tags.empty();
  Order kept;
  if (tagged)
    for (auto seat : list.order)
      if (matches(query.wants->tags, tags_of(seat), roster.match_any_tag)) kept.push_back(seat);
  if (kept.empty())
    for (auto seat : list.order)
      if (has(tags_of(seat), "default")) kept.push_back(seat);
  if (kept.empty() && !tagged) return;
  if (kept.empty()) list.why = {Refusal::tags, 0, 0, Millis{0}};
  list.order = std::move(kept);
}

} // namespace switchyard::actors::filters
