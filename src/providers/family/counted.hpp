// Usage that the upstream does not report: counted from the request and the answer, with the vocabularies
// that are installed, else estimated. Pure, any thread.
#pragma once

#include "providers/family/family.hpp"

namespace switchyard::providers {

/// Fills the usage of a chat answer that has none, in the answer as in the bill.
void count_usage(const Call& call, Answer& answer);

} // namespace switchyard::providers
