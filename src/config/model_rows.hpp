// model_list: each row checked, completed and expanded. Main thread.
#pragma once

#include "config/apply.hpp"
#include "config/document.hpp"

#include <string>

namespace switchyard::config {

/// LiteLLM's recipe: sha256 over the name and every param as Python would print it.
std::string deployment_id(const std::string& model_name, const ValueMap& params);
std::string sha256_hex(std::string_view text);

struct RowContext {
  const Value& document;
  const Variables& variables;
  Target& target;
  Unbuilt& unbuilt;
  Report& report;
};

/// Appends the active rows of document.model_list to the config. A bad row is skipped with a warning, or is
/// an error when router_settings.ignore_invalid_deployments is false.
void add_model_rows(RowContext& context);
/// One row that comes from the command line.
void add_model_row(RowContext& context, const Value& item, const std::string& path);
/// Rows that would share an id get ids of their own, in file order.
void separate_ids(Config& config, Report& report);

} // namespace switchyard::config
