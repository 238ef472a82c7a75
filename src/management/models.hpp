// What the files about database models share: sealing parameters, who may write, what a change sets in
// motion. Store threads.
#pragma once

#include "management/attached.hpp"

#include <switchyard/at_rest.hpp>

namespace switchyard::management {

/// The strings of a map encrypted in the configured format; a value that is encrypted already stays.
Out<ValueMap> seal(const Call& call, const ValueMap& values);
/// The strings of a map decrypted; what cannot be is left out.
ValueMap unseal(const Call& call, const ValueMap& sealed);
/// Enough of secrets to recognise them: of credentials everything, of other maps by the names of keys.
Value masked_value(std::string_view text);
ValueMap masked_all(const ValueMap& values);

/// STORE_MODEL_IN_DB is off.
Reply not_in_db();
bool stores_models(const Call& call);

std::span<const Route> access_group_routes();
std::span<const Route> credential_routes();
std::span<const Route> model_group_routes(); ///< /access_group/*

} // namespace switchyard::management
