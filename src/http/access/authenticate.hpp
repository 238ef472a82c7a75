// Who is calling: nobody, the master key, or a virtual key from the shard's records. Only a key that the
// shard does not know makes a request wait. Shard code.
#pragma once

#include "http/request.hpp"

#include <switchyard/error.hpp>

namespace switchyard::http::access {

/// Sets context.is_master or context.identity, or leaves both for public routes and open gateways. With
/// context.key_unknown set the caller goes on with find_key().
Result<void> authenticate(RequestContext& context);

/// Asks the store for the key. 401 when there is none, 503 when the store cannot be asked.
aw<Result<void>> find_key(RequestContext& context);

/// New records for a shard; on its thread.
void apply(Shard& shard, const IdentityDelta& delta);

} // namespace switchyard::http::access
