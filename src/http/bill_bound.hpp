// The most that a request may use and cost, whatever row serves it. Pure.
#pragma once

#include "http/llm_request.hpp"

#include <switchyard/graph.hpp>

#include <cstdint>

namespace switchyard::http {

/// Bounds of what a request may use. Prompt tokens: one per byte of the body, since no tokenizer was asked.
struct Bound {
  Usage units;               ///< prompt_tokens and completion_tokens as well
  bool output_known = false; ///< the client set it
};
Bound bound_of(const LlmRequest& request, const Group& group, std::size_t body_bytes);

struct WorstCase {
  Money total, input; ///< at the dearest row of the group; input = what less output cannot lower
  bool free = false;  ///< every row's price is explicitly 0: budgets are not checked
};
WorstCase worst_case_of(const Group& group, const Bound& bound);

/// Fills in what the upstream did not report: images and characters from the request, tokens by estimate
/// (`output_tokens` = what the answer's text is worth).
void complete_usage(const LlmRequest& request, std::uint32_t output_tokens, Usage& usage);

/// The request's own name for its output limit: "max_tokens", "max_completion_tokens", "max_output_tokens".
std::string_view output_limit_field(const LlmRequest& request);

} // namespace switchyard::http
