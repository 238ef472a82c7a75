// Which Google credentials a Vertex AI deployment uses (spec providers.md 3.5). Start-up only.
#pragma once

#include "providers/family/family.hpp"

namespace switchyard::providers {

/// Sets target.tokens: vertex_credentials (JSON, or the path of a file; VERTEXAI_CREDENTIALS), else Google's
/// application default credentials: GOOGLE_APPLICATION_CREDENTIALS, gcloud's file, the metadata server. An
/// empty target.project becomes that of JSON that is known now; of the others it comes with the token.
Result<void> google_credentials(FamilyTarget& target, const LitellmParams& params, EnvLookup env);

} // namespace switchyard::providers
