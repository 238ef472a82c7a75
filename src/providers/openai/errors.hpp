// Upstream failures in LiteLLM's words (spec providers.md 5). Pure, any thread.
#pragma once

#include "providers/openai/target.hpp"

namespace switchyard::providers {

/// A failure with its status and body, from an answer, a 200 that holds an error, or a stream's error chunk.
Error make_upstream_error(const OpenAiTarget& target, int status, std::string_view body);

/// A 200 that cannot be the answer of this endpoint.
Error make_invalid_answer(const OpenAiTarget& target, std::string_view body);

/// "error" member of a 2xx answer or chunk -> its status (a numeric code), 500 otherwise.
int embedded_status(std::string_view error_json);

// -- error_text.cpp
/// What the upstream said, short enough to show: its message, its HTML as text, or its whole body.
std::string upstream_message(const ProviderRow& row, int status, std::string_view body);
/// `text` without anything that looks like an API key, and without `key` itself.
std::string without_secrets(std::string text, const Secret& key);

// -- error_class.cpp
/// Which class of LiteLLM's a failure is. `body` is the upstream's text, whole.
struct ErrorClass {
  Errc code = Errc::api_error;
  bool by_status = false; ///< the status alone decided (LiteLLM words these differently)
};
ErrorClass classify(const ProviderRow& row, int status, std::string_view body);

/// The error of a class, worded as its provider's; `text` is shown as it is.
Error worded_error(const ProviderRow& row, const std::string& provider, ErrorClass found, int status,
                   std::string text);
Error invalid_answer_error(const std::string& provider, const Secret& key, std::string_view body);

// -- retry_after.cpp
/// retry-after-ms, retry-after in seconds, or as a date against the answer's own Date; negative = none.
std::chrono::milliseconds parse_retry_after(std::string_view headers);

} // namespace switchyard::providers
