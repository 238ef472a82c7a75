// Identity tokens that others vouch with: LiteLLM's "oidc/..." references, files, literal JWTs. Pure,
// start-up only; the steps themselves run any time.
#pragma once

#include "providers/credentials/exchange.hpp"
#include "providers/credentials/steps.hpp"

namespace switchyard::providers {

/// The step that yields the identity token as `bearer`: of oidc/{google,github,azure}/<audience>,
/// oidc/{circleci,circleci_v2}/, oidc/{file,env,env_path}/<name>, /absolute/path, the name of an environment
/// variable, or the token itself. Config errors name `field`.
Result<Step> identity_token(std::string_view reference, std::string_view field, EnvLookup env);

/// A file that holds nothing but a token.
Step token_file(Issuer issuer, std::string path);

} // namespace switchyard::providers
