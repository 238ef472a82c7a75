// Errors as values: one enum, one table (src/core/error.cpp) that gives status, API type and class name.
// Immutable data, used on every thread. Nothing here throws on the request path.
#pragma once

#include <boost/system/result.hpp>

#include <chrono>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace switchyard {

/// Every way a request can fail. LiteLLM's exception classes first, then what the gateway itself refuses.
enum class Errc : std::uint8_t {
  none,
  // -- upstream failures, named as LiteLLM names them (spec providers.md 5.1)
  bad_request,
  unsupported_params,
  context_window_exceeded,
  content_policy_violation,
  authentication,
  permission_denied,
  not_found,
  timeout,         // 408
  gateway_timeout, // upstream 504 stays 504
  rate_limit,
  internal_server,
  bad_gateway,
  service_unavailable,
  api_error, // any other upstream status; Error::status holds it
  api_connection,
  // -- the router
  no_deployments, // 429, every row cooled down or over its limit
  unknown_model,  // 400
  // -- the gateway's edge
  invalid_request, // 400, OpenAI's invalid_request_error: malformed JSON, wrong type, missing field
  malformed_http,  // 400 and close: RFC 9112 violations
  missing_key,
  wrong_key,       // 401
  forbidden,       // 403
  budget_exceeded, // 400, or 429 by general_settings.budget_exceeded_status
  limit_exceeded,  // 429: rpm, tpm or parallel requests of a key, team, ...
  unknown_route,
  wrong_method, // 404, 405 in FastAPI's shape
  body_too_large,
  head_too_large,
  client_timeout,       // 413, 431, 408 to a slow client
  unsupported_encoding, // 415, unknown Content-Encoding
  overloaded,           // 503, caps on memory or connections
  // -- inside
  cancelled,   // the client went away; nothing is sent
  unavailable, // an actor died before it answered: 503
  config,      // start-up and reload
  k_count
};

/// How the edge words an error.
enum class ErrorShape : std::uint8_t { openai, detail };

struct ErrorRow {
  Errc code;
  std::string_view name;     ///< LiteLLM's class name, e.g. "RateLimitError"
  std::uint16_t status;      ///< HTTP status unless Error::status overrides it
  std::string_view type;     ///< OpenAI's error.type
  bool retryable;            ///< the retry loop may try again
  ErrorShape shape;          ///< body form at the edge
  std::string_view fixed_by; ///< who can fix it: client, operator, provider, us
};

/// The row of a code; total, never fails.
const ErrorRow& describe(Errc code) noexcept;

/// What few errors carry; kept apart so that an Error costs little in every coroutine frame that may hold
/// one.
struct ErrorExtra {
  std::string type;             ///< empty = the table's
  std::string param;            ///< empty = JSON null
  std::string provider_fields;  ///< raw JSON object for provider_specific_fields, or empty
  std::string upstream_headers; ///< "name: value\r\n"... of the upstream answer, for llm_provider-*; or empty
};

struct Error {
  Errc code = Errc::internal_server;
  std::uint16_t status = 0;                  ///< 0 = the table's
  std::chrono::milliseconds retry_after{-1}; ///< negative = not known
  std::string message;                       ///< safe to show to the client; never holds a secret

  Error() = default;
  Error(Errc c, std::string text = {}, std::uint16_t http_status = 0)
      : code(c), status(http_status), message(std::move(text)) {}

  const ErrorExtra& extra() const noexcept { return extra_.get(); }
  ErrorExtra& extra() { return extra_.make(); }
  int http_status() const noexcept { return status != 0 ? status : describe(code).status; }

 private:
  /// A value on the heap that is made when first written; copies are deep.
  class Extra {
   public:
    Extra() = default;
    Extra(Extra&&) noexcept = default;
    Extra(const Extra& other) : value_(other.value_ ? new ErrorExtra(*other.value_) : nullptr) {}
    Extra& operator=(Extra other) noexcept { return value_.swap(other.value_), *this; }
    const ErrorExtra& get() const noexcept {
      static const ErrorExtra none;
      return value_ ? *value_ : none;
    }
    ErrorExtra& make() {
      if (!value_) value_ = std::make_unique<ErrorExtra>();
      return *value_;
    }

   private:
    std::unique_ptr<ErrorExtra> value_;
  };
  Extra extra_;
};

[[noreturn]] inline void throw_exception_from_error(const Error& e, const boost::source_location&) {
  throw std::runtime_error(e.message);
}

template <class T>
using Result = boost::system::result<T, Error>;

/// {"error":{"message","type","param","code"}} or {"detail":...}, by the row's shape. Valid JSON for any
/// message bytes.
std::string to_json(const Error& error);

} // namespace switchyard
