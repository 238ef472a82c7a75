// The one table of errors: code to LiteLLM class name, HTTP status, API type, retry and blame. Immutable,
// every thread. An empty type or param is JSON null: LiteLLM leaves them unset for the classes it maps from
// upstream answers.
#include <switchyard/error.hpp>
#include <switchyard/json_scan.hpp>

#include <array>
#include <cstddef>

namespace switchyard {
namespace {

using enum Errc;
constexpr auto k_openai = ErrorShape::openai;
constexpr auto k_detail = ErrorShape::detail;
constexpr std::string_view k_invalid = "invalid_request_error";
constexpr std::string_view k_internal = "internal_server_error";

// One row per code, in the order of the enum (checked below). `retryable` is LiteLLM's gate of statuses 401,
// 403, 408, 409, 429 and 5xx; api_error carries a status of its own, which the attempt loop looks at first.
constexpr std::array k_rows{
    // code, class name, status, type, retryable, shape, fixed by
    ErrorRow{none, "", 200, "", false, k_openai, "us"},
    ErrorRow{bad_request, "BadRequestError", 400, "", false, k_openai, "client"},
    ErrorRow{unsupported_params, "UnsupportedParamsError", 400, "", false, k_openai, "client"},
    ErrorRow{context_window_exceeded, "ContextWindowExceededError", 400, "", false, k_openai, "client"},
    ErrorRow{content_policy_violation, "ContentPolicyViolationError", 400, "", false, k_openai, "client"},
    ErrorRow{authentication, "AuthenticationError", 401, "", true, k_openai, "operator"},
    ErrorRow{permission_denied, "PermissionDeniedError", 403, "", true, k_openai, "operator"},
    ErrorRow{not_found, "NotFoundError", 404, "", false, k_openai, "operator"},
    ErrorRow{timeout, "Timeout", 408, "", true, k_openai, "provider"},
    ErrorRow{gateway_timeout, "Timeout", 504, "", true, k_openai, "provider"},
    ErrorRow{rate_limit, "RateLimitError", 429, "throttling_error", true, k_openai, "provider"},
    ErrorRow{internal_server, "InternalServerError", 500, "", true, k_openai, "provider"},
    ErrorRow{bad_gateway, "BadGatewayError", 502, "", true, k_openai, "provider"},
    ErrorRow{service_unavailable, "ServiceUnavailableError", 503, "", true, k_openai, "provider"},
    ErrorRow{api_error, "APIError", 500, "", true, k_openai, "provider"},
    ErrorRow{api_connection, "APIConnectionError", 500, "", true, k_openai, "provider"},
    ErrorRow{no_deployments, "RouterRateLimitError", 429, "all_deployments_in_cooldown", false, k_openai,
             "operator"},
    ErrorRow{unknown_model, "BadRequestError", 400, k_invalid, false, k_openai, "client"},
    ErrorRow{invalid_request, "BadRequestError", 400, k_invalid, false, k_openai, "client"},
    ErrorRow{malformed_http, "BadRequestError", 400, k_invalid, false, k_openai, "client"},
    ErrorRow{missing_key, "ProxyException", 401, "auth_error", false, k_openai, "client"},
    ErrorRow{wrong_key, "ProxyException", 401, "auth_error", false, k_openai, "client"},
    ErrorRow{forbidden, "ProxyException", 403, "auth_error", false, k_openai, "operator"},
    ErrorRow{budget_exceeded, "BudgetExceededError", 400, "budget_exceeded", false, k_openai, "operator"},
    ErrorRow{limit_exceeded, "ProxyRateLimitError", 429, "None", false, k_openai, "client"},
    ErrorRow{unknown_route, "HTTPException", 404, "not_found_error", false, k_detail, "client"},
    ErrorRow{wrong_method, "HTTPException", 405, k_invalid, false, k_detail, "client"},
    ErrorRow{body_too_large, "ProxyException", 413, k_invalid, false, k_openai, "client"},
    ErrorRow{head_too_large, "ProxyException", 431, k_invalid, false, k_openai, "client"},
    ErrorRow{client_timeout, "ProxyException", 408, k_invalid, false, k_openai, "client"},
    ErrorRow{unsupported_encoding, "ProxyException", 415, k_invalid, false, k_openai, "client"},
    ErrorRow{overloaded, "ServiceUnavailableError", 503, k_internal, false, k_openai, "operator"},
    ErrorRow{cancelled, "ClientDisconnected", 499, k_internal, false, k_openai, "client"},
    ErrorRow{unavailable, "ServiceUnavailableError", 503, k_internal, false, k_openai, "us"},
    ErrorRow{config, "ConfigError", 500, k_internal, false, k_openai, "operator"},
};

constexpr std::size_t index_of(Errc code) { return static_cast<std::size_t>(code); }
constexpr bool rows_follow_enum() {
  for (std::size_t i = 0; i < k_rows.size(); ++i)
    if (index_of(k_rows[i].code) != i) return false;
  return k_rows.size() == index_of(k_count);
}
static_assert(rows_follow_enum(), "k_rows needs one row per Errc, in the enum's order");

// LiteLLM's auth code builds these with param "None", a string (spec management.md 0).
std::string_view default_param(Errc code) {
  return code == missing_key || code == wrong_key || code == forbidden ? "None" : "";
}

// FastAPI's own wording; used when the caller gave none.
std::string_view detail_text(const Error& error) {
  if (!error.message.empty()) return error.message;
  return error.code == unknown_route ? "Not Found" : "Method Not Allowed";
}

void append_member(std::string& out, std::string_view name, std::string_view text) {
  out.append(",\"").append(name).append("\":");
  if (text.empty())
    out.append("null");
  else
    append_json_string(out, text);
}

} // namespace

const ErrorRow& describe(Errc code) noexcept {
  return k_rows[code < k_count ? index_of(code) : index_of(internal_server)];
}

std::string to_json(const Error& error) {
  const ErrorRow& row = describe(error.code);
  std::string out;
  if (row.shape == ErrorShape::detail) {
    out = "{\"detail\":";
    append_json_string(out, detail_text(error));
    return out += '}';
  }
  out = "{\"error\":{\"message\":";
  append_json_string(out, error.message);
  append_member(out, "type", error.extra().type.empty() ? row.type : std::string_view(error.extra().type));
  append_member(out, "param",
                error.extra().param.empty() ? default_param(error.code)
                                            : std::string_view(error.extra().param));
  out.append(",\"code\":\"").append(std::to_string(error.http_status())).append("\"");
  if (!error.extra().provider_fields.empty())
    out.append(",\"provider_specific_fields\":").append(error.extra().provider_fields);
  return out.append("}}");
}

} // namespace switchyard
