// Upstream failures in LiteLLM's words, found out by asking LiteLLM (docs/providers.md, errors). Pure.
#include "providers/openai/errors.hpp"

#include "providers/openai/json_edit.hpp"

namespace switchyard::providers {
namespace {

using std::string_view;

struct Words {
  string_view class_name;
  std::string label; ///< "GroqException"
  std::string text;
};

std::string compatible_message(const ErrorClass& found, const Words& words) {
  auto tail = words.label + " - " + words.text;
  std::string name(words.class_name);
  switch (found.code) {
  case Errc::context_window_exceeded:
    return "litellm.ContextWindowExceededError: litellm.BadRequestError: ContextWindowExceededError: " + tail;
  case Errc::content_policy_violation:
    return "litellm.BadRequestError: litellm.ContentPolicyViolationError: ContentPolicyViolationError: " +
           tail;
  case Errc::timeout:
  case Errc::gateway_timeout:
    return "litellm.Timeout: Timeout Error: " + tail;
  case Errc::bad_request:
    return "litellm.BadRequestError: " + tail;
  default:
    break;
  }
  bool twice = found.by_status || found.code == Errc::rate_limit || found.code == Errc::api_error;
  return "litellm." + name + ": " + (twice ? name + ": " : "") + tail;
}

std::string azure_message(const ErrorClass& found, const Words& words, int status) {
  std::string name(words.class_name);
  if (found.code == Errc::content_policy_violation)
    return "litellm.BadRequestError: litellm.ContentPolicyViolationError: " + words.text;
  auto tail = words.label + " " + name + " - " + words.text;
  if (found.code == Errc::context_window_exceeded)
    return "litellm.ContextWindowExceededError: litellm.BadRequestError: " + tail;
  if (found.code == Errc::bad_request && found.by_status && status == 400)
    return "litellm.BadRequestError: " + words.label + " - " + words.text;
  return "litellm." + name + ": " + tail;
}

std::string message_of(ErrorFamily family, const ErrorClass& found, const Words& words, int status) {
  if (family == ErrorFamily::azure) return azure_message(found, words, status);
  bool special = found.code == Errc::context_window_exceeded;
  if (family == ErrorFamily::generic && !special)
    return "litellm." + std::string(words.class_name) + ": " + words.label + " - " + words.text;
  return compatible_message(found, words);
}

/// These two classes answer with the upstream's own status.
bool keeps_status(Errc code, int status) {
  return status >= 400 && (code == Errc::api_error || code == Errc::bad_request);
}

/// Azure's reasons for a filtered prompt.
std::string policy_fields(string_view body) {
  ObjectScan object, error;
  if (!body.starts_with('{') || !scan_object(body, object)) return {};
  auto* field = object.find("error");
  if (!field || field->kind != JsonKind::object || !scan_object(object.raw(*field), error)) return {};
  std::string_view inner = "null";
  for (auto key : {"inner_error", "innererror"})
    if (auto* found = error.find(key)) inner = error.raw(*found);
  std::string out = "{\"innererror\":";
  return out.append(inner).append(",\"azure_error\":").append(object.raw(*field)).append("}");
}

} // namespace

int embedded_status(string_view error_json) {
  ObjectScan error;
  constexpr int k_unknown = 500;
  if (!error_json.starts_with('{') || !scan_object(error_json, error)) return k_unknown;
  for (auto key : {"code", "status", "status_code"}) {
    auto* field = error.find(key);
    if (!field) continue;
    auto raw = error.raw(*field);
    if (raw.size() > 2 && raw.front() == '"') raw = raw.substr(1, raw.size() - 2);
    if (auto code = as_int(raw); code && *code >= 400 && *code < 600) return static_cast<int>(*code);
  }
  return k_unknown;
}

Error worded_error(const ProviderRow& row, const std::string& provider, ErrorClass found, int status,
                   std::string text) {
  Error error;
  error.code = found.code;
  const Words words{describe(found.code).name, exception_label(provider) + "Exception", std::move(text)};
  error.message = message_of(row.errors, found, words, status);
  if (keeps_status(found.code, status)) error.status = static_cast<std::uint16_t>(status);
  return error;
}

Error make_upstream_error(const OpenAiTarget& target, int status, string_view body) {
  auto found = classify(*target.row, status, body);
  auto error = worded_error(*target.row, target.provider, found, status,
                            without_secrets(upstream_message(*target.row, status, body), target.key));
  if (target.row->errors == ErrorFamily::azure && found.code == Errc::content_policy_violation)
    error.extra().provider_fields = without_secrets(policy_fields(body), target.key);
  return error;
}

Error invalid_answer_error(const std::string& provider, const Secret& key, string_view body) {
  constexpr std::size_t k_shown = 200;
  Error error;
  error.code = Errc::api_error;
  error.message = "litellm.APIError: APIError: " + exception_label(provider) +
                  "Exception - Empty or invalid response from LLM endpoint. Received: '" +
                  without_secrets(std::string(body.substr(0, k_shown)), key) +
                  "'. Check the reverse proxy or model server configuration.";
  return error;
}

Error make_invalid_answer(const OpenAiTarget& target, string_view body) {
  return invalid_answer_error(target.provider, target.key, body);
}

Error network_error(const Target& target, Errc code, string_view what) {
  Error error;
  error.code = code;
  if (code == Errc::timeout) {
    error.message = "litellm.Timeout: APITimeoutError - Request timed out. Error_str: ";
    error.message += what.empty() ? "Request timed out." : what;
    return error;
  }
  error.code = Errc::api_connection;
  error.message = "litellm.APIConnectionError: APIConnectionError: " + exception_label(target.provider) +
                  "Exception - Connection error.";
  if (!what.empty()) error.message.append(" ").append(what);
  return error;
}

} // namespace switchyard::providers
