// The command line on top of environment and file. Main thread.
#include "config/command_line.hpp"
#include "config/yaml.hpp"

#include <switchyard/plane.hpp>

#include <algorithm>

namespace switchyard::config {
namespace {

/// A place in no file.
constexpr std::uint16_t k_no_file = 0xFFFF;

template <class T>
void add(ValueMap& map, const char* key, const T& value) {
  auto& member = map.emplace_back();
  member.first = key, member.second.data() = value;
}
void add_text(ValueMap& map, const char* key, const std::string& text) {
  if (!text.empty()) add(map, key, text);
}

void apply_server(const CommandLine& given, Config& config) {
  ServerSettings& server = config.server;
  if (given.host) server.host = *given.host, server.host_given = true;
  if (given.port) server.port = *given.port;
  if (given.num_workers) server.num_workers = *given.num_workers;
  if (given.keepalive_timeout) server.keepalive_timeout = *given.keepalive_timeout;
  if (!given.ssl_keyfile_path.empty()) server.ssl_keyfile_path = given.ssl_keyfile_path;
  if (!given.ssl_certfile_path.empty()) server.ssl_certfile_path = given.ssl_certfile_path;
  if (given.request_timeout.value_or(0) > 0) config.router.request_timeout = *given.request_timeout;
  if (given.drop_params) config.litellm.drop_params = true;
  if (given.add_function_to_prompt) config.litellm.add_function_to_prompt = true;
  if (given.debug) config.log_level = LogLevel::debug;
}

/// The model_list row that `--model X --api_base ...` stands for.
Value model_row(const CommandLine& given, Report& report) {
  ValueMap params;
  add(params, "model", given.model);
  add_text(params, "api_base", given.api_base);
  add_text(params, "api_version", given.api_version);
  if (given.temperature) add(params, "temperature", *given.temperature);
  if (given.max_tokens) add(params, "max_tokens", *given.max_tokens);
  if (!given.headers.empty()) {
    const auto headers = parse_yaml(given.headers, k_no_file, report); // JSON is YAML
    if (headers && headers->as_map())
      params.emplace_back("headers", *headers);
    else
      report.error({}, "--headers", "expected a JSON object");
  }
  ValueMap row;
  add(row, "model_name", given.alias.empty() ? given.model : given.alias);
  row.emplace_back("litellm_params", Value(std::move(params)));
  return Value(std::move(row));
}

bool has_row_options(const CommandLine& given) {
  return !given.alias.empty() || !given.api_base.empty() || !given.api_version.empty() ||
         !given.headers.empty() || given.temperature || given.max_tokens;
}

} // namespace

void apply_command_line(const CommandLine& given, bool has_file, RowContext& rows) {
  Config& config = *rows.target.config;
  apply_server(given, config);
  if (given.max_budget.value_or(0) < 0)
    rows.report.error({}, "--max_budget", "expected a number of dollars, not below 0");
  else if (given.max_budget)
    rows.target.plane->max_budget = Money::from_usd(*given.max_budget);
  if (given.model.empty()) {
    if (has_row_options(given))
      rows.report.warn({}, "",
                       "--alias, --api_base, --api_version, --headers, --temperature and --max_tokens belong "
                       "to --model and have no effect without it");
    return;
  }
  const std::string& name = given.alias.empty() ? given.model : given.alias;
  const bool listed = std::any_of(config.models.begin(), config.models.end(),
                                  [&](const ModelRow& row) { return row.model_name == name; });
  if (!listed) {
    rows.target.drop_bad_rows = false; // the user asked for exactly this row
    add_model_row(rows, model_row(given, rows.report), "--model");
  }
  // With a file --model forces the model, as LiteLLM does; alone it serves whatever name a request has.
  if (has_file && config.general.completion_model.empty()) config.general.completion_model = name;
  config.any_model_name = !has_file;
}

} // namespace switchyard::config
