// What the database adds to config.yaml: models, credentials and settings, decrypted and in the file's own
// form, for the loader to merge. Blocking; store threads and start-up.
#pragma once

#include <switchyard/error.hpp>
#include <switchyard/secret.hpp>
#include <switchyard/store.hpp>
#include <switchyard/value.hpp>

#include <string>
#include <vector>

namespace switchyard::management {

struct DbModels {
  ValueList model_list;              ///< {model_name, litellm_params, model_info: {..., id, db_model: true}}
  ValueList credential_list;         ///< {credential_name, credential_values, credential_info}
  std::vector<std::string> warnings; ///< what could not be read and why; never a value
};

/// Rows of ProxyModelTable (blocked ones left out) and CredentialsTable, oldest first. A value that cannot be
/// decrypted is left out with a warning; one that was never encrypted is taken as it is.
Result<DbModels> load_models(storage::Session& session, const Secret& material);

struct DbConfig {
  /// Sections as in config.yaml: general_settings, litellm_settings, router_settings, environment_variables
  /// (decrypted), ...; laid over the file's, member by member.
  ValueMap sections;
  std::vector<std::string> warnings;
};
/// Rows of LiteLLM_Config.
Result<DbConfig> load_config(storage::Session& session, const Secret& material);

/// Lays the database's part over a document: models and credentials are appended (a file's credential of the
/// same name loses), sections are merged member by member.
void lay_over(Value& document, const DbModels& models, const DbConfig& config);

} // namespace switchyard::management
