// Tags (spec router.md 2.6): a tagged request goes to rows that share one of its tags (or have all of them)
// or whose tag_regex finds its User-Agent, else to rows tagged "default"; one without tags to rows tagged
// "default" where there are any, else to all. "!tag" leaves rows out, "&tag" asks for it beside the others.
#include "actors/roster.hpp"

#include <algorithm>
#include <re2/re2.h>

namespace switchyard::actors {

namespace {

using Tags = std::vector<std::string>;

bool has(const Tags& tags, std::string_view tag) {
  return std::find(tags.begin(), tags.end(), tag) != tags.end();
}

/// Against one row: the request's tags of each kind.
struct Asked {
  const Tags* tags = nullptr;
  bool match_any = true;
  std::string_view user_agent;

  static bool is_plain(std::string_view tag) { return !tag.starts_with('!') && !tag.starts_with('&'); }
  bool tagged() const { return tags && !tags->empty(); }
  bool any_plain() const { return tags && std::any_of(tags->begin(), tags->end(), is_plain); }

  /// False: an excluded tag is there, or a required one is not.
  bool allows(const Tags& row) const {
    return !tags || std::all_of(tags->begin(), tags->end(), [&](std::string_view tag) {
      return is_plain(tag) || has(row, tag.substr(1)) == tag.starts_with('&');
    });
  }
  bool shares(const Tags& row) const {
    const auto known = [&](std::string_view tag) { return !is_plain(tag) || has(row, tag); };
    const auto common = [&](std::string_view tag) { return is_plain(tag) && has(row, tag); };
    if (!any_plain()) return tagged(); // only "!a" and "&b": whoever they allow
    return match_any ? std::any_of(tags->begin(), tags->end(), common)
                     : std::all_of(tags->begin(), tags->end(), known);
  }
  bool matches(const Seat& seat) const {
    const auto found = [&](const auto& pattern) { return RE2::PartialMatch(user_agent, *pattern); };
    return shares(seat.deployment->row.params.tags) ||
           (!user_agent.empty() && std::any_of(seat.tag_regex.begin(), seat.tag_regex.end(), found));
  }
};

} // namespace

std::vector<std::shared_ptr<const RE2>> tag_patterns(const LitellmParams& params) {
  std::vector<std::shared_ptr<const RE2>> out;
  for (const auto& text : params.tag_regex) {
    auto pattern = std::make_shared<const RE2>(text, RE2::Quiet);
    if (pattern->ok()) out.push_back(std::move(pattern)); // config/ has refused the others
  }
  return out;
}

void filters::by_tags(const Roster& roster, const PickQuery& query, Shortlist& list) {
  Asked asked;
  asked.match_any = roster.match_any_tag;
  if (query.wants) asked.tags = &query.wants->tags, asked.user_agent = query.wants->user_agent;
  const auto tags_of = [&](std::uint16_t seat) -> const Tags& {
    return roster.seats[seat].deployment->row.params.tags;
  };
  Order allowed, kept;
  for (auto seat : list.order)
    if (asked.allows(tags_of(seat))) allowed.push_back(seat);
  for (auto seat : allowed)
    if (asked.matches(roster.seats[seat])) kept.push_back(seat);
  if (kept.empty())
    for (auto seat : allowed)
      if (has(tags_of(seat), "default")) kept.push_back(seat);
  if (kept.empty() && !asked.tagged()) return;
  const auto fits = [&](const Seat& seat) {
    return asked.allows(seat.deployment->row.params.tags) && asked.matches(seat);
  };
  if (kept.empty() && std::none_of(roster.seats.begin(), roster.seats.end(), fits))
    list.why = {Refusal::tags, 0, 0, Millis{0}}; // else they cool or are over a limit
  list.order = std::move(kept);
}

} // namespace switchyard::actors
