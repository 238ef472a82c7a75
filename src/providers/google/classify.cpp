// Google's failures: which class, which text (spec providers.md 5.3). Pure, any thread.
#include "providers/anthropic/messages.hpp"
#include "providers/google/answer.hpp"
#include "providers/google/routes.hpp"

#include <switchyard/ascii.hpp>
#include <switchyard/json.hpp>

#include <algorithm>
#include <array>

namespace switchyard::providers::google {
namespace {

using std::string_view;

struct Rule {
  string_view text;
  Errc code;
};
constexpr std::array k_rules{
    Rule{"Vertex AI API has not been used in project", Errc::bad_request},
    Rule{"Unable to find your project", Errc::bad_request},
    Rule{"Request payload size exceeds", Errc::context_window_exceeded},
    Rule{"None Unknown Error.", Errc::internal_server},
    Rule{"Content has no parts.", Errc::internal_server},
    Rule{"API key not valid.", Errc::authentication},
    Rule{"The response was blocked.", Errc::content_policy_violation},
    Rule{"Output blocked by content filtering policy", Errc::content_policy_violation},
    Rule{"429 Quota exceeded", Errc::rate_limit},
    Rule{"Quota exceeded for", Errc::rate_limit},
    Rule{"IndexError: list index out of range", Errc::rate_limit},
    Rule{"429 Unable to submit request because the service is temporarily out of capacity.",
         Errc::rate_limit},
    Rule{"500 Internal Server Error", Errc::internal_server},
    Rule{"The model is overloaded.", Errc::internal_server}};

bool has(string_view text, string_view part) noexcept { return text.find(part) != string_view::npos; }

/// "resource exhausted", "RESOURCE_EXHAUSTED"
bool is_exhausted(const std::string& low) noexcept {
  for (auto at = low.find("resource"); at != std::string::npos; at = low.find("resource", at + 1)) {
    auto next = low.find_first_not_of(" \t\r\n_", at + 8);
    if (next != std::string::npos && low.compare(next, 9, "exhausted") == 0) return true;
  }
  return false;
}

/// Gemini: "The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."
bool is_too_long(const std::string& low) noexcept {
  return has(low, "exceeds the maximum number of tokens allowed") || has(low, "prompt is too long") ||
         has(low, "maximum context length") || has(low, "exceed context limit");
}

const Value* error_of(const Value& body) noexcept {
  auto whole = &body;
  if (auto list = body.as_list(); list && !list->empty()) whole = list->data();
  auto error = whole->find("error");
  return error && error->as_map() ? error : nullptr;
}

} // namespace

Errc classify_error(const FamilyTarget& target, int status, string_view body) {
  if (read_model(target, target.model).route == Route::claude)
    if (auto code = anthropic::classify(target, status, body); code != Errc::none) return code;
  std::string low(body);
  std::transform(low.begin(), low.end(), low.begin(), [](char c) { return lower(c); });
  if (is_too_long(low)) return Errc::context_window_exceeded;
  for (auto& rule : k_rules)
    if (has(body, rule.text)) return rule.code;
  if (is_exhausted(low)) return Errc::rate_limit;
  if (status >= 500)
    if (auto parsed = parse_json(body))
      if (auto error = error_of(*parsed); error && count_at(*error, "code") == 429) return Errc::rate_limit;
  if (status == 403) return Errc::bad_request;
  return status == 502 ? Errc::api_connection : Errc::none;
}

std::string error_text(string_view body) {
  auto parsed = parse_json(body);
  auto error = parsed ? error_of(*parsed) : nullptr;
  return error ? std::string(text_at(*error, "message")) : std::string{};
}

} // namespace switchyard::providers::google
