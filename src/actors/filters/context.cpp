// Pre-call check (spec router.md 2.5): rows whose context window is too small for the prompt. When only that
// is wrong the answer is context_window_exceeded, so that context_window_fallbacks apply.
#include "actors/roster.hpp"

#include <algorithm>

namespace switchyard::actors::filters {

void fits_context(const Roster& roster, const PickQuery& query, Shortlist& list) {
  std::int64_t largest = 0;
  keep_if(list.order, [&](std::uint16_t seat) {
    const auto window = roster.seats[seat].deployment->row.max_input_tokens.value_or(INT64_MAX);
    largest = std::max(largest, window);
    return query.prompt_tokens <= window;
  });
  // A row that was left out for its rate would have been big enough, for all we know: then that is the
  // reason.
  if (list.order.empty() && list.why.which == Refusal::none)
    list.why = {Refusal::context_window, largest, query.prompt_tokens, Millis{0}};
}

} // namespace switchyard::actors::filters
