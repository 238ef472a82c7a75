// Which of LiteLLM's classes an upstream failure is: substrings first, in order, then the status (spec
// providers.md 5.2, 5.3). Pure tables, any thread.
#include "providers/openai/errors.hpp"

#include <switchyard/ascii.hpp>

#include <algorithm>
#include <array>

namespace switchyard::providers {
namespace {

using std::string_view;

bool has(string_view text, string_view part) { return text.find(part) != string_view::npos; }

bool is_word(char c) { return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') || c == '_'; }

bool has_word_429(string_view text) {
  for (auto at = text.find("429"); at != string_view::npos; at = text.find("429", at + 1)) {
    bool starts = at == 0 || !is_word(text[at - 1]);
    bool ends = at + 3 == text.size() || !is_word(text[at + 3]);
    if (starts && ends) return true;
  }
  return false;
}

/// "rate limit", "rate_limit", "rate-limit", "ratelimit"
bool has_rate_limit(string_view low) {
  for (auto at = low.find("rate"); at != string_view::npos; at = low.find("rate", at + 1)) {
    auto rest = low.substr(at + 4);
    auto next = rest.find_first_not_of(" \t\r\n_-");
    if (next != string_view::npos && rest.substr(next).starts_with("limit")) return true;
  }
  return false;
}

bool is_rate_limit(int status, string_view low) {
  if (status == 429 || (status == 0 && has_word_429(low))) return true;
  return has_rate_limit(low) || has(low, "service tier capacity exceeded");
}

bool is_context_window(string_view low) {
  if (has(low, "string_above_max_length")) return false;
  if (has(low, "invalid 'user'") && has(low, "string too long")) return false;
  static constexpr auto k_phrases = std::to_array<string_view>({
      "exceed context limit",
      "this model's maximum context length is",
      "string too long. expected a string with maximum length",
      "model's maximum context limit",
      "is longer than the model's context length",
      "input tokens exceed the configured limit",
      "`inputs` tokens + `max_new_tokens` must be",
      "exceeds the available context size",
      "exceeds the maximum number of tokens allowed",
  });
  if (std::any_of(k_phrases.begin(), k_phrases.end(), [low](string_view phrase) { return has(low, phrase); }))
    return true;
  return (has(low, "current length is") && has(low, "while limit is")) ||
         (has(low, "maximum input length is") && has(low, "tokens"));
}

bool is_azure_policy(string_view low) {
  static constexpr auto k_phrases = std::to_array<string_view>({
      "content_policy_violation",
      "responsibleaipolicyviolation",
      "the response was filtered due to the prompt triggering azure openai's content management",
      "your task failed as a result of our safety system",
      "the model produced invalid content",
      "content_filter_policy",
      "your request was rejected as a result of our safety system",
  });
  return std::any_of(k_phrases.begin(), k_phrases.end(),
                     [low](string_view phrase) { return has(low, phrase); });
}

bool is_timeout_text(string_view body) {
  static constexpr auto k_phrases =
      std::to_array<string_view>({"Request Timeout Error", "Request timed out",
                                  "Timed out generating response", "The read operation timed out"});
  return std::any_of(k_phrases.begin(), k_phrases.end(),
                     [body](string_view phrase) { return has(body, phrase); });
}

/// Substrings that must all be there; `without` must not.
struct TextRule {
  string_view first, second, without;
  Errc code;
};
constexpr auto k_compatible_rules = std::to_array<TextRule>({
    {"invalid_request_error", "model_not_found", "", Errc::not_found},
    {"A timeout occurred", "", "", Errc::timeout},
    {"invalid_request_error", "content_policy_violation", "", Errc::content_policy_violation},
    {"Invalid prompt", "violating our usage policy", "", Errc::content_policy_violation},
    {"request was rejected as a result of the safety system", "", "", Errc::content_policy_violation},
    {"invalid_encrypted_content", "", "", Errc::bad_request},
    {"invalid_request_error", "", "Incorrect API key provided", Errc::bad_request},
    {"Web server is returning an unknown error", "", "", Errc::internal_server},
    {"The server had an error processing your request.", "", "", Errc::internal_server},
    {"Request too large", "", "", Errc::rate_limit},
    {"Mistral API raised a streaming error", "", "", Errc::api_error},
});
constexpr auto k_azure_rules = std::to_array<TextRule>({
    {"Internal server error", "", "", Errc::internal_server},
    {"This model's maximum context length is", "", "", Errc::context_window_exceeded},
    {"DeploymentNotFound", "", "", Errc::not_found},
});

template <class Rules>
Errc by_text(const Rules& rules, string_view body) {
  for (auto& rule : rules)
    if (has(body, rule.first) && has(body, rule.second) && (rule.without.empty() || !has(body, rule.without)))
      return rule.code;
  return Errc::none;
}

/// "litellm.RateLimitError" in the text of another LiteLLM proxy -> that class.
Errc by_class_name(string_view body) {
  constexpr string_view k_mark = "litellm.";
  auto at = body.find(k_mark);
  if (at == string_view::npos) return Errc::none;
  auto rest = body.substr(at + k_mark.size());
  for (auto code = Errc::bad_request; code < Errc::no_deployments;
       code = static_cast<Errc>(static_cast<unsigned>(code) + 1)) {
    auto name = describe(code).name;
    if (rest.starts_with(name) && (rest.size() == name.size() || !is_word(rest[name.size()]))) return code;
  }
  return Errc::none;
}

struct StatusRow {
  int status;
  Errc compatible, azure, openrouter, generic;
};
using enum Errc;
constexpr auto k_statuses = std::to_array<StatusRow>({
    {400, bad_request, bad_request, bad_request, bad_request},
    {401, authentication, authentication, authentication, authentication},
    {403, api_error, api_error, api_error, permission_denied},
    {404, not_found, not_found, not_found, not_found},
    {408, timeout, timeout, timeout, timeout},
    {422, bad_request, bad_request, bad_request, bad_request},
    {429, rate_limit, rate_limit, rate_limit, rate_limit},
    {500, internal_server, api_error, api_error, internal_server},
    {502, bad_gateway, bad_gateway, api_error, bad_gateway},
    {503, service_unavailable, service_unavailable, service_unavailable, service_unavailable},
    {504, gateway_timeout, gateway_timeout, gateway_timeout, gateway_timeout},
});

Errc by_status(ErrorFamily family, int status) {
  for (auto& row : k_statuses)
    if (row.status == status) {
      const std::array by_family{row.compatible, row.azure, row.openrouter, row.generic};
      return by_family[static_cast<std::size_t>(family)];
    }
  if (status == 0) return api_connection;
  return family == ErrorFamily::generic && status >= 400 && status < 500 ? bad_request : api_error;
}

Errc family_text(ErrorFamily family, int status, string_view body, string_view low) {
  if (family == ErrorFamily::azure) {
    if (auto code = by_text(k_azure_rules, body); code != none) return code;
    if (is_azure_policy(low)) return content_policy_violation;
    if (is_context_window(low)) return context_window_exceeded;
    bool early = status == 0 || status == 400;
    return early && has(body, "invalid_request_error") ? bad_request : none;
  }
  if (family == ErrorFamily::compatible && is_rate_limit(status, low)) return rate_limit;
  if (is_context_window(low)) return context_window_exceeded;
  return family == ErrorFamily::compatible ? by_text(k_compatible_rules, body) : none;
}

} // namespace

ErrorClass classify(const ProviderRow& row, int status, string_view body) {
  if (is_timeout_text(body)) return {timeout, false};
  if (row.name == "litellm_proxy")
    if (auto code = by_class_name(body); code != none) return {code, false};
  auto low = lower_case(body);
  if (auto code = family_text(row.errors, status, body, low); code != none) return {code, false};
  return {by_status(row.errors, status), true};
}

} // namespace switchyard::providers
