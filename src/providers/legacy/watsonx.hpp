// What watsonx's chat and text families share: where they go, who they are, projects. Pure, any thread.
#pragma once

#include "providers/legacy/common.hpp"

namespace switchyard::providers::legacy {

/// Base URL, credentials and project or space of a watsonx target (FamilyTarget::project, ::region = space).
Result<void> prepare_watsonx(FamilyTarget& target, const LitellmParams& params, EnvLookup env);
/// "/ml/v1/text/<task>?version=..", or the deployment's for models "deployment/<id>".
Result<std::string> watsonx_path(const Job& job, std::string_view task);
/// model_id and project_id or space_id; nothing for deployments. 401 when no project is known.
Result<void> put_watsonx_model(const Job& job, ValueMap& body);
Result<void> encode_watsonx_embeddings(Job& job, Upstream& out);
Result<void> decode_watsonx_embeddings(const FamilyTarget& target, const UpstreamAnswer& answer,
                                       std::string_view client_model, Answer& out);
Result<void> encode_watsonx_rerank(Job& job, Upstream& out);
Result<void> decode_watsonx_rerank(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                                   Answer& out);
/// Substrings of spec providers.md 5.3 for predibase, databricks and watsonx.
Errc classify_predibase_like(const FamilyTarget& target, int status, std::string_view body);

} // namespace switchyard::providers::legacy
