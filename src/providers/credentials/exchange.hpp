// What the requests and answers of token servers have in common: forms, heads, JSON fields, times, errors.
// Pure, any thread.
#pragma once

#include "providers/family/family.hpp"

#include <switchyard/credentials.hpp>

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard::providers {

/// Whom we ask, in the words of error messages.
struct Issuer {
  std::string name; ///< "Azure AD"
  std::string hint; ///< what a refusal is likely to be about: "tenant_id, client_id and client_secret"
};

using Form = std::vector<std::pair<std::string, std::string>>;
/// application/x-www-form-urlencoded
std::string to_form(const Form& form);

struct TokenCall {
  std::string method = "GET";
  std::string path; ///< with the query, encoded; "" = the URL's own
  std::vector<HeadLine> lines;
  std::string body;
  Millis timeout{10'000};
};
/// Fails when a line would break out of the head (tokens of files and servers go there).
Result<TokenRequest> make_request(const Issuer& issuer, const BaseUrl& url, TokenCall call);
Result<TokenRequest> post_form(const Issuer& issuer, const BaseUrl& url, const Form& form,
                               std::vector<HeadLine> lines = {});
/// A URL out of `field` of a setting; config errors name it.
Result<BaseUrl> token_url(std::string_view field, std::string_view text);

/// 401 AuthenticationError of this issuer.
Error credentials_error(const Issuer& issuer, std::string_view why);
/// What is wrong with an answer that is not 2xx: 401 when the server refused, 503 when it could not be asked.
/// Server texts are cut short, and `secrets` in them are starred.
Error token_refused(const Issuer& issuer, const UpstreamAnswer& answer,
                    std::span<const std::string_view> secrets = {});
inline bool succeeded(const UpstreamAnswer& answer) { return answer.status >= 200 && answer.status < 300; }

/// A 2xx JSON object, or what is wrong with it.
Result<Value> json_answer(const Issuer& issuer, const UpstreamAnswer& answer,
                          std::span<const std::string_view> secrets = {});
/// OAuth: {access_token, expires_in | expires_on}; Google's and IBM's spellings of them too.
Result<Token> oauth_token(const Issuer& issuer, const UpstreamAnswer& answer, WallTime now,
                          std::span<const std::string_view> secrets = {});

/// "2026-11-21T05:06:07Z", fractions and offsets allowed. False when it is none.
bool parse_time(std::string_view text, WallTime& out);

/// litellm_params.<key> as text, else "".
std::string param(const LitellmParams& params, std::string_view key);
/// The parameter, else the first set variable of `names`.
std::string param_or_env(const LitellmParams& params, std::string_view key, EnvLookup env,
                         std::string_view names);

} // namespace switchyard::providers
