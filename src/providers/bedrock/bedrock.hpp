// What the parts of the Bedrock family share: its tables, its failures, its wrapped chunks. Pure, any thread.
#pragma once

#include "providers/bedrock/route.hpp"
#include "providers/family/family.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace switchyard::providers::bedrock {

extern const Family k_bedrock, k_mantle;

// -- prepare.cpp

Result<void> prepare(FamilyTarget& target, const LitellmParams& params, EnvLookup env);
Result<void> prepare_mantle(FamilyTarget& target, const LitellmParams& params, EnvLookup env);
/// Region of litellm_params or the environment, for `service`; credentials; signing, unless there is an API
/// key.
Result<void> prepare_aws(FamilyTarget& target, const LitellmParams& params, EnvLookup env,
                         std::string_view service, std::string_view model_region);
ModelRoute route_of(const FamilyTarget& target, const Call& call);
/// The same row, serving Messages besides.
extern const ProviderRow k_claude_row;
/// <base path>/model/<id>/<action>
std::string model_path(const FamilyTarget& target, const ModelRoute& route, std::string_view action);

// -- errors.cpp

Errc classify(const FamilyTarget& target, int status, std::string_view body);
Errc classify_sagemaker(const FamilyTarget& target, int status, std::string_view body);
/// AWS's older spelling, "Message"; "" = it is not there.
std::string error_text(std::string_view body);
/// ":exception-type" (or an error code) in an event's place.
bool is_exception(std::string_view event) noexcept;
/// The error of an exception inside a stream, worded as the same failure of a whole answer.
Error stream_error(const FamilyTarget& target, std::string_view exception, std::string_view data);

// -- wrapped.cpp

std::optional<std::string> from_base64(std::string_view text);
/// Invoke's chunks hold the model's own JSON in base64: `inner` reads that.
std::unique_ptr<StreamDecoder> unwrap(const FamilyTarget& target, std::unique_ptr<StreamDecoder> inner);

// -- messages.cpp

/// Whether Messages reach this model as they are; else they are bridged to Converse.
bool serves_messages(const FamilyTarget& target, const ModelRoute& route);
/// Takes out of a Messages body what AWS refuses.
Result<void> mend_messages(Job& job);

// -- other endpoints

/// The next input, where the model takes one at a time.
Result<bool> next_embedding(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                            int round, Upstream& out, Millis& wait);
Result<void> encode_embeddings(Job& job, const ModelRoute& route, Upstream& out);
Result<void> decode_embeddings(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                               std::string_view client_model, Answer& out);
Result<void> encode_rerank(Job& job, const ModelRoute& route, Upstream& out);
Result<void> decode_rerank(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                           std::string_view client_model, Answer& out);
Result<void> encode_images(Job& job, const ModelRoute& route, Upstream& out);
Result<void> decode_images(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                           std::string_view client_model, Answer& out);
/// Invoke's token counts in the headers of an answer.
void read_header_usage(std::string_view headers, Usage& usage);

} // namespace switchyard::providers::bedrock
