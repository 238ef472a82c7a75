// Which class a failure of Bedrock or SageMaker is (spec providers.md 5.3). Pure, any thread.
#include "providers/bedrock/bedrock.hpp"
#include "providers/row.hpp"

#include <switchyard/json.hpp>

#include <array>
#include <span>

namespace switchyard::providers::bedrock {
namespace {

using std::string_view;

struct TextRule {
  string_view part;
  Errc code;
};
constexpr auto k_texts = std::to_array<TextRule>(
    {{"too many tokens", Errc::context_window_exceeded},
     {"expected maxLength:", Errc::context_window_exceeded},
     {"Input is too long", Errc::context_window_exceeded},
     {"prompt is too long", Errc::context_window_exceeded},
     {"prompt: length: 1..", Errc::context_window_exceeded},
     {"Too many input tokens", Errc::context_window_exceeded},
     {"Conversation blocks and tool result blocks cannot be provided in the same turn.", Errc::bad_request},
     {"Malformed input request", Errc::bad_request},
     {"A conversation must start with a user message.", Errc::bad_request},
     {"Unable to locate credentials", Errc::authentication},
     {"The security token included in the request is invalid", Errc::authentication},
     {"The security token included in the request is expired", Errc::authentication},
     {"UnrecognizedClientException", Errc::authentication},
     {"AccessDeniedException", Errc::permission_denied},
     {"throttlingException", Errc::rate_limit},
     {"ThrottlingException", Errc::rate_limit},
     {"Connect timeout on endpoint URL", Errc::timeout},
     {"timed out", Errc::timeout},
     {"Could not process image", Errc::internal_server},
     {"\"Filter reason:", Errc::content_policy_violation}});
constexpr auto k_sagemaker_texts = std::to_array<TextRule>(
    {{"Unable to locate credentials", Errc::bad_request},
     {"`best_of` must be > 0 and <= 2", Errc::bad_request},
     {"`inputs` tokens + `max_new_tokens` must be <=", Errc::context_window_exceeded},
     {"instance type with more CPU capacity or memory", Errc::context_window_exceeded}});

struct Exception {
  string_view name;
  int status;
};
constexpr auto k_exceptions = std::to_array<Exception>({{"throttlingException", 429},
                                                        {"validationException", 400},
                                                        {"modelStreamErrorException", 424},
                                                        {"internalServerException", 500},
                                                        {"serviceUnavailableException", 503},
                                                        {"modelTimeoutException", 408},
                                                        {"ModelStreamError", 424},
                                                        {"InternalStreamFailure", 500}});

/// "prompt tokens (N) exceed model maximum (M)" of Bedrock's OpenAI endpoint.
bool exceeds_maximum(string_view body) noexcept {
  auto at = body.find("prompt tokens (");
  return at != string_view::npos && body.find(") exceed model maximum (", at) != string_view::npos;
}

Errc by_text(std::span<const TextRule> rules, string_view body) noexcept {
  for (auto& rule : rules)
    if (body.find(rule.part) != string_view::npos) return rule.code;
  return Errc::none;
}

} // namespace

Errc classify(const FamilyTarget&, int status, string_view body) {
  if (exceeds_maximum(body)) return Errc::context_window_exceeded;
  auto code = by_text(k_texts, body);
  return code == Errc::none && status == 500 ? Errc::service_unavailable : code;
}

Errc classify_sagemaker(const FamilyTarget&, int status, string_view body) {
  auto code = by_text(k_sagemaker_texts, body);
  return code == Errc::none && status == 500 ? Errc::service_unavailable : code;
}

std::string error_text(string_view body) {
  auto parsed = parse_json(body);
  return parsed ? std::string(text_at(*parsed, "Message")) : std::string();
}

bool is_exception(string_view event) noexcept {
  for (auto& known : k_exceptions)
    if (known.name == event) return true;
  return event.ends_with("Exception") || event.ends_with("Error");
}

Error stream_error(const FamilyTarget& target, string_view exception, string_view data) {
  int status = 500;
  for (auto& known : k_exceptions)
    if (known.name == exception) status = known.status;
  return upstream_error(target, status, data.empty() ? exception : data);
}

} // namespace switchyard::providers::bedrock
