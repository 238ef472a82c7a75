// Environment, file and command line, in this order, into one Config. Main thread. All problems at once.
#include "config/apply.hpp"
#include "config/command_line.hpp"
#include "config/document.hpp"
#include "config/model_rows.hpp"
#include "core/percent.hpp"

#include <switchyard/config_loader.hpp>
#include <switchyard/plane.hpp>

#include <numeric>

namespace switchyard::config {
namespace {

using Overlay = std::function<void(Value&, std::vector<std::string>&)>;

struct Load {
  const Environment& environment;
  Report report;
  Variables variables{environment};
  std::shared_ptr<Config> config = std::make_shared<Config>();
  std::shared_ptr<PlaneSettings> plane = std::make_shared<PlaneSettings>();
  Target target{config.get(), plane.get()};
  Unbuilt unbuilt;
};

std::string join_lines(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += (out.empty() ? "" : "\n") + line;
  return out;
}

Error failure(std::string message) {
  Error error{Errc::config};
  error.message = std::move(message);
  return error;
}

/// Only for a mapping; a section that is absent or null is empty.
const Value* section_of(Load& load, const Value& document, const std::string& name) {
  const Value* section = document.find(name);
  if (!section || section->is_null()) return nullptr;
  if (section->as_map()) return section;
  load.report.error(section->place(), name, expected("a mapping", *section));
  return nullptr;
}

void check_top_level(Load& load, const Value& document) {
  for (const char* name : {"model_list", "credential_list"}) {
    const Value* list = document.find(name);
    if (list && !list->is_null() && !list->as_list())
      load.report.error(list->place(), name, expected("a list", *list));
  }
  section_of(load, document, "environment_variables");
  apply_section("", document, top_level_keys(), load.target, load.unbuilt, load.report);
}

void apply_environment(Load& load) {
  for (const Key& key : environment_keys()) {
    const auto text = load.variables.get(std::string(key.name));
    if (!text || text->empty()) continue;
    const Value value(*text);
    if (!key.built() && asks_for_something(key, value)) load.unbuilt.add(std::string(key.name), {}, "");
    if (Problem problem = apply_key(key, value, load.target); !problem.empty())
      load.report.error({}, key.name, problem);
    flush_notes(load.target, {}, key.name, load.report);
  }
}

/// DATABASE_HOST and its like, as container platforms hand them out.
void put_database_parts(Load& load) {
  const auto part = [&](const char* name) { return load.variables.get(name).value_or(""); };
  const std::string host = part("DATABASE_HOST"), user = part("DATABASE_USERNAME"),
                    name = part("DATABASE_NAME");
  if (host.empty() || !load.plane->database_url.empty()) return;
  if (user.empty() || name.empty() || host.find_first_of("@/?# ") != std::string::npos)
    return load.report.error(
        {}, "DATABASE_HOST",
        "needs DATABASE_USERNAME and DATABASE_NAME beside it, and is a host or host:port");
  const std::string password = part("DATABASE_PASSWORD"), schema = part("DATABASE_SCHEMA");
  load.plane->database_url =
      Secret("postgresql://" + core::percent_encode(user) +
             (password.empty() ? "" : ":" + core::percent_encode(password)) + "@" + host + "/" +
             core::percent_encode(name) + (schema.empty() ? "" : "?schema=" + core::percent_encode(schema)));
}

void apply_sections(Load& load, const Value& document) {
  struct Part {
    const char* name;
    std::span<const Key> keys;
  };
  // router_settings wins over litellm_settings, so it comes last.
  const Part parts[] = {{"litellm_settings", litellm_keys()},
                        {"general_settings", general_keys()},
                        {"router_settings", router_keys()}};
  for (const Part& part : parts)
    if (const Value* section = section_of(load, document, part.name))
      apply_section(part.name, *section, part.keys, load.target, load.unbuilt, load.report);
  auto& defaults = load.target.default_fallbacks;
  if (!defaults.empty()) load.config->router.fallbacks.push_back({"*", std::move(defaults)});
}

void warn_about_gaps(Load& load, const Value& document) {
  const Value* general = document.find("general_settings");
  const Value* key = general ? general->find("master_key") : nullptr;
  if (key && load.config->general.master_key.empty())
    load.report.warn(key->place(), "general_settings.master_key",
                     "is empty: the server takes requests without a key");
  if (load.config->router.enable_health_check_routing && !load.config->health.background)
    load.report.warn({}, "enable_health_check_routing",
                     "has no effect without general_settings.background_health_checks");
  if (load.plane->rotate_keys && load.plane->key_rotation_hook.empty())
    load.report.warn(
        {}, "LITELLM_KEY_ROTATION_ENABLED",
        "has no effect without general_settings.key_rotation_hook: nobody would be told the new keys");
  if (load.config->models.empty())
    load.report.warn({}, "", "no models: every request will be refused until model_list has a row");
}

Result<ConfigPtr> finish(Load& load, Value document) {
  load.unbuilt.report(load.report);
  if (!load.report.errors.empty()) return failure(join_lines(load.report.errors));
  load.config->files = std::move(load.report.files);
  load.config->warnings = std::move(load.report.warnings);
  load.config->plane = std::move(load.plane);
  load.config->document = std::move(document);
  load.variables.publish();
  return ConfigPtr(std::move(load.config));
}

Result<ConfigPtr> build(const CommandLine& command_line, const std::string& file, std::string_view text,
                        const Environment& environment, const Overlay& overlay = {}) {
  Load load{environment};
  load.report.warnings = command_line.warnings;
  Value document(ValueMap{});
  if (!file.empty()) {
    auto read = read_document(file, text, environment, load.report);
    if (!read) return failure(join_lines(load.report.errors));
    document = std::move(*read);
  }
  if (overlay) overlay(document, load.report.warnings);
  take_environment_variables(document, load.variables, load.report);
  resolve_references(document, load.variables, load.report);
  modernise(document);
  apply_environment(load);
  check_top_level(load, document);
  apply_sections(load, document);
  put_database_parts(load);
  RowContext rows{document, load.variables, load.target, load.unbuilt, load.report};
  add_model_rows(rows);
  apply_command_line(command_line, !file.empty(), rows);
  separate_ids(*load.config, load.report);
  warn_about_gaps(load, document);
  return finish(load, std::move(document));
}

} // namespace

Result<ConfigPtr> load(const LoadOptions& options) {
  std::string file = options.command_line.file;
  if (file.empty()) file = options.environment.get("CONFIG_FILE_PATH").value_or("");
  if (file.empty()) return build(options.command_line, file, {}, options.environment, options.overlay);
  const auto text = options.environment.read_file(file);
  if (!text) return text.error();
  return build(options.command_line, file, *text, options.environment, options.overlay);
}

Result<ConfigPtr> load_text(const std::string& name, std::string_view bytes, const Environment& environment) {
  return build(CommandLine{}, name, bytes, environment);
}

std::vector<std::string> watched_files(const Config& config) { return config.files; }

} // namespace switchyard::config
