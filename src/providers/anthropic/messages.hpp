// Claude's Messages format for every host that speaks it: Anthropic, Bedrock (invoke), Vertex AI, Azure AI.
// Request bodies, whole answers, streams, errors. Pure functions, any thread; credentials, paths and headers
// are the caller's.
#pragma once

#include "providers/family/family.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::providers::anthropic {

/// How a host of the format differs from Anthropic's own.
struct Dialect {
  std::string_view version = {}; ///< the body's `anthropic_version`; empty = a header says it
  bool names_model = true;       ///< `model` and `stream` are members of the body
  bool betas_in_body = false;    ///< `anthropic_beta: [..]` of the body instead of a header
  bool structured_output = true; ///< takes output_config.format; else JSON goes through a tool
  bool remote_media = true;      ///< fetches images and documents from URLs
  std::string_view betas = {};   ///< the only betas it takes (words); empty = all
};
inline constexpr Dialect k_anthropic = {};
inline constexpr Dialect k_azure_ai = {};
inline constexpr Dialect k_vertex = {
    .version = "vertex-2023-10-16", .names_model = false, .structured_output = false};
/// Bedrock answers "invalid beta flag" to any other (clients like Claude Code send more).
inline constexpr std::string_view k_bedrock_betas =
    "computer-use-2024-10-22 computer-use-2025-01-24 computer-use-2025-11-24 "
    "token-efficient-tools-2025-02-19 "
    "interleaved-thinking-2025-05-14 fine-grained-tool-streaming-2025-05-14 output-128k-2025-02-19 "
    "dev-full-thinking-2025-05-14 context-1m-2025-08-07 context-management-2025-06-27 compact-2026-01-12 "
    "effort-2025-11-24 tool-search-tool-2025-10-19 tool-examples-2025-10-29";
inline constexpr Dialect k_bedrock = {.version = "bedrock-2023-05-31",
                                      .names_model = false,
                                      .betas_in_body = true,
                                      .structured_output = false,
                                      .remote_media = false,
                                      .betas = k_bedrock_betas};

struct Body {
  std::string json;
  std::string
      betas; ///< comma separated, for an `anthropic-beta` header; empty = none, or they are in the body
};

// -- for Family's functions; `call.endpoint` is chat, messages or messages_count

bool takes(const FamilyTarget& target, const Call& call, std::string_view param);
/// Chat requests are translated, Messages requests relayed: the client's bytes where the dialect is
/// Anthropic's own, else `job.request`, so that a host may edit that before.
Result<Body> encode(Job& job, const Dialect& dialect);
Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                    std::string_view client_model, Answer& out);
/// Reads the events by the `type` in their data, so it does not matter how they were framed: hosts that wrap
/// events (Bedrock) unwrap them and call on_event({}, {}, json, out). Relayed events get SSE frames then.
std::unique_ptr<StreamDecoder> stream(const FamilyTarget& target, const Call& call,
                                      std::string_view client_model);
/// Rules of spec providers.md 5.3.
Errc classify(const FamilyTarget& target, int status, std::string_view body);

/// `anthropic-version` (and `anthropic-beta` when there are any) for hosts that want headers.
void add_headers(const Body& body, std::vector<HeadLine>& lines);

} // namespace switchyard::providers::anthropic
