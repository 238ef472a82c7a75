// An LLM request as read from the body and the headers: model, stream, and what the client asks of the
// router. Made once per request on the shard; views point into the exchange's body.
#pragma once

#include "http/request.hpp"

#include <switchyard/json_scan.hpp>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::http {

/// Of a route whose bytes no provider translates: the realtime WebSocket.
inline constexpr Endpoint k_session_endpoint = Endpoint::k_count;

struct LlmRequest {
  Endpoint endpoint = Endpoint::chat;
  bool json = true;      ///< false: multipart/form-data
  std::string_view body; ///< as received, or `cleaned`
  std::string_view content_type;
  std::string cleaned; ///< the body without trailing commas, when it had some
  ObjectScan scan;
  std::string model; ///< as the client sent it, or the configured default; may be empty
  bool stream = false;
  bool usage_wanted = false; ///< stream_options.include_usage

  // -- what the client asks of the router
  std::optional<int> num_retries;
  std::optional<double> timeout, stream_timeout; ///< seconds
  std::optional<std::vector<FallbackRule>> fallbacks, context_window_fallbacks, content_policy_fallbacks;
  bool disable_fallbacks = false;
  std::optional<int> priority;   ///< of a request that waits for a row; 0 goes first
  std::string response_row;      ///< deployment that made previous_response_id
  std::string allowed_region;    ///< allowed_model_region
  std::vector<std::string> tags; ///< read only with enable_tag_filtering

  // -- whose it is: filled in only with a store of keys
  std::string end_user;                           ///< "" = none is named
  std::string asked_model;                        ///< before the aliases of key and team
  std::shared_ptr<const CustomerRecord> customer; ///< of end_user, when something limits it
  std::vector<std::string> spend_tags;            ///< of key, team, client and headers
  bool mock_fallback = false, mock_context_fallback = false, mock_policy_fallback = false,
       mock_rate_limit = false;
  std::vector<HeaderLine> forward_headers;
  std::string encrypted_row; ///< deployment that alone can read the encrypted_content in `input`
};

/// Has many answers, of which each is paid for when it is there.
inline bool is_session(const LlmRequest& request) noexcept { return request.endpoint == k_session_endpoint; }

/// Reads everything above. Errors: invalid_request that names the field.
Result<void> read_llm_request(RequestContext& context, std::string_view body, LlmRequest& out);

} // namespace switchyard::http
