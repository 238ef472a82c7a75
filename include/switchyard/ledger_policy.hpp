// general_settings.budget_policy. Apart from ledger.hpp, so that settings need no Asio.
#pragma once

#include <cstdint>

namespace switchyard {

/// What happens when a request's worst case exceeds what is left of a hard budget.
enum class BudgetPolicy : std::uint8_t {
  alone,  ///< admitted while no other reservation is open on that ledger: one request overshoots at most
  clamp,  ///< its output bound is lowered to what is left
  strict, ///< refused
};

} // namespace switchyard
