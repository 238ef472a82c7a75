// Command line, environment and config.yaml into one immutable Config; the diff between two of them; the
// reference. Runs on main's thread at start-up and on a reload, never per request. Must not touch a running
// graph.
#pragma once

#include <switchyard/config.hpp>
#include <switchyard/error.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard::config {

/// What the loader needs from outside, injected so that tests see no process state. All three must be set.
struct Environment {
  std::function<std::optional<std::string>(const std::string& name)> get;
  /// Exports one entry of `environment_variables`; called only when the whole load succeeded, and only for
  /// values that differ, because setenv is not safe against readers on other threads.
  std::function<void(const std::string& name, const std::string& value)> set;
  std::function<Result<std::string>(const std::string& path)> read_file;
};

/// getenv, setenv, and regular files up to 16 MB.
Environment process_environment();

enum class Action : std::uint8_t {
  serve,
  help,
  version,
  validate,
  print_reference,
  print_providers,
  test,
  health
};

/// The parsed command line. Only what was given is set; defaults come from Config.
struct CommandLine {
  Action action = Action::serve;
  std::string text;     ///< Action::help: what to print
  std::string file;     ///< --config; empty = CONFIG_FILE_PATH, else none
  std::string test_url; ///< --test URL; empty = the server at --host and --port
  std::optional<std::string> host;
  std::optional<std::uint16_t> port;
  std::optional<int> num_workers;
  std::optional<double> keepalive_timeout, request_timeout, temperature, max_budget;
  std::optional<std::int64_t> max_tokens;
  std::string model, alias, api_base, api_version;
  std::string headers; ///< --headers: a JSON object
  std::string ssl_keyfile_path, ssl_certfile_path;
  bool drop_params = false, add_function_to_prompt = false, debug = false;
  std::vector<std::string> warnings; ///< options that are accepted and have no effect
};

/// Errors hold one line per problem. argv[0] is skipped.
Result<CommandLine> parse_command_line(int argc, const char* const* argv);

struct LoadOptions {
  CommandLine command_line;
  Environment environment;
  /// Lays what a database adds over the document, before anything is resolved. May be empty.
  std::function<void(Value& document, std::vector<std::string>& warnings)> overlay = {};
};

/// Reads everything and checks it. The error message holds ALL problems, one per line.
Result<ConfigPtr> load(const LoadOptions& options);
/// The same for bytes that are already here, as if they were the file `name`.
Result<ConfigPtr> load_text(const std::string& name, std::string_view bytes, const Environment& environment);

/// What a reload changes, one line each, secrets not shown: "router_settings.num_retries: 2 -> 5".
std::vector<std::string> diff(const Config& old, const Config& next);

/// docs/config.md.
std::string reference_markdown();

/// The files whose change means a reload: the main file and everything it includes.
std::vector<std::string> watched_files(const Config& config);

} // namespace switchyard::config
