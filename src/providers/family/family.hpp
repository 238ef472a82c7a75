// What a provider with its own format supplies: one table of pure functions for each family. FamilyProvider
// does what all of them share (parameter policy, request heads, credentials, error words). Immutable, any
// thread.
#pragma once

#include "providers/row.hpp"
#include "providers/url.hpp"

#include <switchyard/credentials.hpp>
#include <switchyard/json.hpp>
#include <switchyard/provider.hpp>
#include <switchyard/value.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::providers {

/// One line of a request head. Names and values are checked once by the base (no line breaks get through).
struct HeadLine {
  std::string name, value;
  bool secret = false; ///< shown as *** by --debug
};

/// A deployment of an own-format provider, made ready. Filled by the base, then by Family::prepare.
class FamilyTarget final : public Target {
 public:
  const ProviderRow* row = nullptr;
  BaseUrl base;                ///< of api_base, the row's environment, or the row
  Secret key;                  ///< of api_key or the row's environment; empty = none was given
  std::vector<HeadLine> lines; ///< with every request: credentials, versions, the row's extra_headers
  std::string route;           ///< the family's own word: "converse", "invoke/anthropic", "v2", ...
  std::string region, project; ///< AWS region; Google location and project, Azure tenant, ...
  std::string aws_service;     ///< not empty = requests are signed (SigV4) with `aws` or the call's token
  std::shared_ptr<const Token> aws; ///< static AWS credentials
  ValueMap settings;                ///< litellm_params as resolved, any key; setting() reads it
  std::vector<JsonParam> defaults, extra_body;
  std::vector<std::string> drop_names, drop_paths, allowed; ///< additional_drop_params, allowed_openai_params
  std::optional<bool> drop_params;
};

inline const FamilyTarget& as_family(const Target& target) {
  return static_cast<const FamilyTarget&>(target);
}
/// litellm_params.<key> as text, else "" (numbers and booleans as JSON).
std::string setting(const FamilyTarget& target, std::string_view key);

/// One call while it is encoded.
struct Job {
  const FamilyTarget& target;
  const Call& call;
  Value request; ///< a map: the client's request after the policy. No gateway params, no refused ones; the
                 ///< row's defaults, fallback overrides and extra_body are merged. `model` is still the
                 ///< client's.
};

/// The request that a family makes of it.
struct Upstream {
  std::string path;              ///< origin-form with the query, encoded: "/v1/messages"
  std::vector<HeadLine> lines;   ///< besides the target's; one of the same name replaces it
  std::string body;              ///< JSON, unless a line says another Content-Type
  const BaseUrl* base = nullptr; ///< null = the target's
  std::string method = "POST";
};

/// A whole answer in OpenAI's form of the endpoint (write_chat, write_embeddings, ... make it).
struct Answer {
  std::string body;
  Usage usage;
};

struct Family {
  std::string_view name;
  /// Completes the target: base URL where the row cannot say it, credentials, route. Start-up (and "*" rows);
  /// config errors name the litellm_params field and the environment variable. `base` is empty (host "") when
  /// nobody said one.
  Result<void> (*prepare)(FamilyTarget&, const LitellmParams&, EnvLookup);
  /// Whether this OpenAI chat parameter is understood; others are refused or dropped. Null = see
  /// row.unsupported.
  bool (*takes)(const FamilyTarget&, const Call&, std::string_view param);
  Result<void> (*encode)(Job&, Upstream&);
  /// 2xx answers. Errors inside a 200 become upstream_error().
  Result<void> (*decode)(const FamilyTarget&, const Call&, const UpstreamAnswer&,
                         std::string_view client_model, Answer&);
  /// Null = never streams; the base then makes a stream of the whole answer.
  std::unique_ptr<StreamDecoder> (*stream)(const FamilyTarget&, const Call&, std::string_view client_model);
  Framing (*framing)(const FamilyTarget&, const Call&) = nullptr; ///< null = SSE
  /// Substring rules of this provider (spec providers.md 5.3); Errc::none = the shared rules, then the
  /// status.
  Errc (*classify)(const FamilyTarget&, int status, std::string_view body) = nullptr;
  /// Text of the failure, when it is not at error.message, message, detail or error. Null = there.
  std::string (*error_text)(std::string_view body) = nullptr;
  /// See Provider::follow_up. Null = one exchange is all.
  Result<bool> (*follow_up)(const FamilyTarget&, const Call&, const UpstreamAnswer&, int round, Upstream&,
                            Millis&) = nullptr;
  /// A picture or file at this http(s) URL must be sent as bytes: the base has it fetched and puts a data URL
  /// in its place before `encode`. Null = the provider fetches whatever it takes.
  bool (*needs_bytes)(const FamilyTarget&, const Call&, std::string_view url) = nullptr;
};

const Provider& family_provider() noexcept;

/// An upstream failure in LiteLLM's words, with the family's class of it.
Error upstream_error(const FamilyTarget& target, int status, std::string_view body);
/// A 2xx that cannot be the answer of this endpoint.
Error invalid_answer(const FamilyTarget& target, std::string_view body);
/// 400 UnsupportedParamsError: for params that a family finds out about only while encoding.
Error unsupported_params(const FamilyTarget& target, std::string_view why);
/// 400 BadRequestError about the client's request, in LiteLLM's form; `why` names the field.
Error bad_request(const FamilyTarget& target, std::string_view why);
/// A start-up error about litellm_params.`field`.
Error config_error(std::string_view field, std::string message);
/// First non-empty of the space separated environment names.
std::string first_env(std::string_view names, EnvLookup env);
/// The effective drop_params of a call.
bool drops_params(const FamilyTarget& target, const Call& call);
/// modify_params of the request, else of the row, else of litellm_settings.
bool modifies_params(const FamilyTarget& target, const Call& call);

/// Rows of all own-format families.
std::span<const ProviderRow* const> family_rows() noexcept;

} // namespace switchyard::providers
