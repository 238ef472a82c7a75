// What a spend row says about its request, and the headers that tell clients about their limits. Shard code.
#pragma once

#include "http/llm_request.hpp"
#include "http/request.hpp"

#include <switchyard/ledger.hpp>
#include <switchyard/spend.hpp>

#include <string>
#include <string_view>

namespace switchyard::http {

/// Everything that is known before the first try.
void describe_request(const RequestContext& context, const LlmRequest& request, SpendEvent& out);
/// `id` of an answer or a stream's chunk (or of its `response`), of which the beginning is enough; "" = none.
std::string_view response_id(std::string_view json);
/// The row that answered.
void describe_row(const Deployment& row, std::string_view upstream_model, SpendEvent& out);
/// metadata beyond what the event's own fields say: spend_logs_metadata (team, key, request), cost_breakdown,
/// error_information. A JSON object.
std::string metadata_of(const RequestContext& context, const LlmRequest& request, const CostBreakdown& cost,
                        const std::string& problem);
std::string error_information(const Error& error, int status);
/// x-litellm-key-* and x-ratelimit-*.
void append_limit_headers(const access::Identity& identity, const AdmitAnswer& answer, Money cost,
                          std::string& out);

} // namespace switchyard::http
