// Google's credential files by their `type`. Pure; steps run any time.
#pragma once

#include "providers/credentials/exchange.hpp"
#include "providers/credentials/steps.hpp"

namespace switchyard::providers {

/// service_account, authorized_user, external_account (file, URL, AWS) and impersonated_service_account.
/// Errors name what the file lacks.
Result<Step> google_account(const Value& file, EnvLookup env);
/// The project that a credential file names, or "".
std::string google_project(const Value& file);
/// The same for an external_account's own part: its identity token as `bearer`.
Result<Step> external_identity(const Value& file, EnvLookup env);

inline constexpr std::string_view k_google_scope = "https://www.googleapis.com/auth/cloud-platform";
Error google_file_error(std::string_view why);

} // namespace switchyard::providers
