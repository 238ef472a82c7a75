// Cohere's APIs as pure functions: chat v2 and v1, generate, embed, rerank. Internal to this folder.
#pragma once

#include "providers/common/parts.hpp"
#include "providers/family/family.hpp"

#include <memory>
#include <string_view>

namespace switchyard::providers::cohere {

enum class Api { v2, v1, generate };
struct Route {
  Api api = Api::v2;
  std::string_view model; ///< without a leading "v1/" or "v2/"
};
/// Which chat API serves this call's model.
Route chat_route(const FamilyTarget& target, const Call& call);
/// "/v1" or "/v2", before /embed and /rerank.
std::string_view api_version(const FamilyTarget& target);

Result<void> encode_v2(Job& job, Upstream& out);
Result<void> encode_v1(Job& job, Upstream& out);
Result<void> encode_generate(Job& job, Upstream& out);
Result<void> encode_embed(Job& job, Upstream& out);
Result<void> encode_rerank(Job& job, Upstream& out);

using Decoder = Result<void>(const FamilyTarget&, const Call&, const UpstreamAnswer&, std::string_view,
                             Answer&);
Decoder decode_v2, decode_v1, decode_generate, decode_embed, decode_rerank;

std::unique_ptr<StreamDecoder> stream_v2(const FamilyTarget&, const Call&, std::string_view client_model);
/// Of v1 chat and of generate.
std::unique_ptr<StreamDecoder> stream_v1(const FamilyTarget&, const Call&, std::string_view client_model);

/// max_tokens, temperature, top_p, ... by the names that all three chat APIs share.
void put_sampling(const Job& job, ValueMap& body);
/// Of `usage` (v2) or `meta` (v1): tokens, else the billed units.
void read_usage(const Value* object, Usage& out);
/// Cohere's citations as OpenAI's url_citation annotations.
Value annotations_of(const ValueList& citations);

} // namespace switchyard::providers::cohere
