// Where a key is read from, and the words for one that is no key. Pure.
#include "http/auth.hpp"

#include "http/base64.hpp"
#include "http/header_text.hpp"
#include "http/query.hpp"

#include <algorithm>
#include <array>

namespace switchyard::http {

namespace {

bool strip_scheme(std::string_view& value, std::string_view scheme) {
  if (value.size() <= scheme.size() || value[scheme.size()] != ' ') return false;
  if (!same_text(value.substr(0, scheme.size()), scheme)) return false;
  value = trim(value.substr(scheme.size() + 1));
  return true;
}

/// "public:secret" in base64: the secret is the key (Langfuse SDKs).
std::string basic_secret(std::string_view encoded) {
  auto text = from_base64(encoded);
  auto colon = text.find(':');
  return colon == std::string::npos ? text : text.substr(colon + 1);
}

/// "AWS4-HMAC-SHA256 Credential=[Bearer ]<key>/...": SDKs for Bedrock.
std::string aws_key(std::string_view value) {
  constexpr std::string_view k_credential = "Credential=";
  auto at = value.find(k_credential);
  if (at == std::string_view::npos) return {};
  auto rest = value.substr(at + k_credential.size());
  rest = rest.substr(0, rest.find_first_of("/,"));
  strip_scheme(rest, "Bearer");
  return std::string(rest);
}

std::string from_authorization(std::string_view value) {
  value = trim(value);
  if (strip_scheme(value, "Bearer")) return std::string(value);
  if (strip_scheme(value, "Basic")) return basic_secret(value);
  if (value.starts_with("AWS4-HMAC-SHA256")) return aws_key(value);
  return std::string(value == "Bearer" ? std::string_view{} : value);
}

std::string abbreviate(std::string_view key) {
  if (key.size() < 12) return "****";
  return std::string(key.substr(0, 4)) + "****" + std::string(key.substr(key.size() - 4));
}

Error auth_error(Errc code, std::string message) {
  Error error;
  error.code = code;
  error.message = std::move(message);
  return error;
}

/// Browsers cannot set headers of a WebSocket: the key is one of the protocols they offer.
std::string from_protocols(const RequestHead& head) {
  constexpr std::string_view k_prefix = "openai-insecure-api-key.";
  std::string key;
  for (auto& header : head.headers) {
    if (!same_text(header.name, "sec-websocket-protocol")) continue;
    for (auto rest = header.value; !rest.empty() && key.empty();) {
      const auto comma = std::min(rest.find(','), rest.size());
      if (const auto word = trim(rest.substr(0, comma)); word.starts_with(k_prefix))
        key = word.substr(k_prefix.size());
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
  }
  return key;
}

} // namespace

PresentedKey presented_key(const RequestHead& head, std::string_view key_header_name) {
  PresentedKey key;
  auto take = [&](std::string_view name, bool authorization) {
    if (!head.has(name)) return false;
    key.present = true;
    key.value = authorization ? from_authorization(head.find(name)) : std::string(trim(head.find(name)));
    return !key.value.empty();
  };
  if (take("x-litellm-api-key", true)) return key;
  if (!key_header_name.empty()) {
    if (take(key_header_name, true)) return key;
  } else if (take("authorization", true)) {
    return key;
  }
  constexpr std::array<std::string_view, 4> k_raw = {"api-key", "x-api-key", "x-goog-api-key",
                                                     "ocp-apim-subscription-key"};
  for (auto name : k_raw)
    if (take(name, false)) return key;
  if (auto value = from_protocols(head); !value.empty())
    key.present = true, key.value = std::move(value);
  else if (value = query_value(head.query, "key"); !value.empty())
    key.present = true, key.value = std::move(value);
  return key;
}

Error refuse_key(const PresentedKey& key, std::string_view hash) {
  if (!key.present) return auth_error(Errc::missing_key, "Authentication Error, No api key passed in.");
  if (key.value.empty())
    return auth_error(Errc::missing_key,
                      "Authentication Error, Malformed API Key passed in. Ensure Key has `Bearer ` prefix.");
  if (!key.value.starts_with("sk-"))
    return auth_error(Errc::wrong_key, "Authentication Error, LiteLLM Virtual Key expected. Received=" +
                                           abbreviate(key.value) + ", expected to start with 'sk-'.");
  std::string text = "Authentication Error, Invalid proxy server token passed. Received API Key = sk-...";
  text += key.value.substr(key.value.size() - std::min<std::size_t>(4, key.value.size() - 3));
  if (!hash.empty()) text += ", Key Hash (Token) =", text += hash;
  text += ". Unable to find token in cache or `LiteLLM_VerificationTokenTable`";
  auto error = auth_error(Errc::wrong_key, std::move(text));
  error.extra().type = "token_not_found_in_db";
  error.extra().param = "key";
  return error;
}

} // namespace switchyard::http
