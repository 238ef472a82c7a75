// The parameter policy for own-format families: what is left of a client's request before it is translated.
// Pure.
#pragma once

#include "providers/family/family.hpp"

namespace switchyard::providers {

/// The request that Job::request holds. Errors: unsupported_params, invalid_request.
Result<Value> make_request(const FamilyTarget& target, const Call& call);

} // namespace switchyard::providers
