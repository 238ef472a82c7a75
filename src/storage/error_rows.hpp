// Rows of LiteLLM_ErrorLogs. The spend writer's thread.
#pragma once

#include "storage/spend_commit.hpp"

namespace switchyard::storage {

/// One per failed request, unless disable_error_logs; an id that is there already stays as it is.
Result<void> write_errors(Session& session, const SpendBatch& batch, const PlaneSettings& settings);

} // namespace switchyard::storage
