// Makes the target of an own-format deployment. Start-up only (and rows whose model is "*").
#pragma once

#include "providers/family/family.hpp"

namespace switchyard::providers {

/// `row` has a family; provider and model are as resolved.
Result<std::shared_ptr<FamilyTarget>> make_family_target(const ProviderRow& row, std::string_view provider,
                                                         std::string_view model, const LitellmParams& params,
                                                         EnvLookup env);

} // namespace switchyard::providers
