// The table of command line options and its parser (CLI11). Main thread.
#include "config/command_line.hpp"

#include <CLI/CLI.hpp>

namespace switchyard::config {
namespace {
using Kind = Option::Kind;

template <auto Member>
Problem take_text(const std::string& text, CommandLine& out) {
  return out.*Member = text, Problem();
}
/// Any number or boolean: read as the configuration file would.
template <auto Member>
Problem take(const std::string& text, CommandLine& out) {
  return read(Value(text), out.*Member);
}
template <auto Member>
Problem take_seconds(const std::string& text, CommandLine& out) {
  Problem problem = valid_seconds(Value(text));
  return problem.empty() ? read(Value(text), out.*Member) : problem;
}
template <auto Member>
Problem turn_on(const std::string& text, CommandLine& out) {
  return read(Value(text), out.*Member);
}
template <Action Wanted>
Problem act(const std::string&, CommandLine& out) {
  return out.action = Wanted, Problem();
}

Problem take_port(const std::string& text, CommandLine& out) {
  std::int64_t port = 0;
  Problem problem = read(Value(text), port);
  if (!problem.empty() || port < 0 || port > 65535) return expected("a port from 0 to 65535", Value(text));
  return out.port = static_cast<std::uint16_t>(port), Problem();
}

Problem take_workers(const std::string& text, CommandLine& out) {
  Problem problem = not_negative(Value(text));
  return problem.empty() ? read(Value(text), out.num_workers) : problem;
}

Problem take_test(const std::string& text, CommandLine& out) {
  out.action = Action::test;
  if (text != "true") out.test_url = text;
  return {};
}

/// There is no telemetry; the option is understood so that scripts keep working.
Problem take_telemetry(const std::string& text, CommandLine&) {
  bool ignored = false;
  return read(Value(text), ignored);
}

using C = CommandLine;
constexpr Option k_options[] = {
    {"--config,-c", Kind::value, "file", "CONFIG_FILE_PATH", "Configuration file", take_text<&C::file>},
    {"--host", Kind::value, "address", "0.0.0.0",
     "Address to listen on; loopback while there is no master key", take_text<&C::host>},
    {"--port", Kind::value, "integer", "4000", "Port to listen on; 0 = any free one", take_port},
    {"--num_workers", Kind::value, "integer", "CPUs", "Shards (threads)", take_workers},
    {"--model,-m", Kind::value, "model", "", "Serve this model; without --config under any name",
     take_text<&C::model>},
    {"--alias", Kind::value, "name", "", "Its name for clients", take_text<&C::alias>},
    {"--api_base", Kind::value, "URL", "", "Its base URL", take_text<&C::api_base>},
    {"--api_version", Kind::value, "version", "", "Its Azure API version", take_text<&C::api_version>},
    {"--headers", Kind::value, "JSON", "", "Headers for it, as a JSON object", take_text<&C::headers>},
    {"--temperature", Kind::value, "number", "", "Its default temperature", take<&C::temperature>},
    {"--max_tokens", Kind::value, "integer", "", "Its default max_tokens", take<&C::max_tokens>},
    {"--request_timeout", Kind::value, "seconds", "6000", "Limit of one attempt",
     take_seconds<&C::request_timeout>},
    {"--max_budget", Kind::value, "dollars", "", "Budget of the whole proxy", take<&C::max_budget>},
    {"--drop_params", Kind::flag, "", "", "Drop parameters that a provider does not take",
     turn_on<&C::drop_params>},
    {"--add_function_to_prompt", Kind::flag, "", "",
     "Put functions into the prompt where a provider has none", turn_on<&C::add_function_to_prompt>},
    {"--debug", Kind::flag, "", "", "Log every upstream request as a curl command", turn_on<&C::debug>},
    {"--detailed_debug", Kind::flag, "", "", "Same as --debug", turn_on<&C::debug>},
    {"--keepalive_timeout", Kind::value, "seconds", "75", "Idle connections are closed after",
     take_seconds<&C::keepalive_timeout>},
    {"--ssl_keyfile_path", Kind::value, "file", "", "TLS key of the server", take_text<&C::ssl_keyfile_path>},
    {"--ssl_certfile_path", Kind::value, "file", "", "TLS certificate of the server",
     take_text<&C::ssl_certfile_path>},
    {"--validate_config", Kind::flag, "", "", "Check the configuration and leave", act<Action::validate>},
    {"--print-config-reference", Kind::flag, "", "", "Print docs/config.md and leave",
     act<Action::print_reference>},
    {"--print-provider-table", Kind::flag, "", "", "Print docs/provider_table.md and leave",
     act<Action::print_providers>},
    {"--test", Kind::optional_value, "URL", "", "Send one chat request to a running server", take_test},
    {"--health", Kind::flag, "", "", "Ask a running server for /health", act<Action::health>},
    {"--version,-v", Kind::flag, "", "", "Print the version and leave", act<Action::version>},
    {"--telemetry", Kind::optional_value, "boolean", "", "Accepted; there is no telemetry", take_telemetry},
    // -- accepted, without effect
    {"--add_key", Kind::value, "key", "", "Keys come from the environment"},
    {"--save", Kind::flag, "", "", "Write a configuration file instead"},
    {"--local", Kind::flag, "", "", "For LiteLLM's developers"},
    {"--test_async", Kind::flag, "", "", "For LiteLLM's developers"},
    {"--num_requests", Kind::value, "integer", "", "For LiteLLM's developers"},
    {"--use_queue", Kind::flag, "", "", "Celery queue of old LiteLLM"},
    {"--log_config", Kind::value, "file", "", "uvicorn only"},
    {"--max_requests_before_restart", Kind::value, "integer", "",
     "Nothing leaks here that a restart would free"},
    {"--ciphers", Kind::value, "list", "", "uvicorn only"},
    {"--run_gunicorn", Kind::flag, "", "", "Other Python server"},
    {"--run_hypercorn", Kind::flag, "", "", "Other Python server"},
    {"--run_granian", Kind::flag, "", "", "Other Python server"},
    {"--iam_token_db_auth", Kind::flag, "", "", "Not built: use a password"},
    {"--use_prisma_db_push", Kind::flag, "", "", "No Prisma"},
    {"--use_prisma_migrate", Kind::flag, "", "", "No Prisma"},
    {"--skip_server_startup", Kind::flag, "", "", "No Prisma"},
    {"--skip_db_migration_check", Kind::flag, "", "", "No Prisma"},
    {"--enforce_prisma_migration_check", Kind::flag, "", "", "No Prisma"},
    {"--reload", Kind::flag, "", "", "The file is always watched"},
    {"--setup", Kind::flag, "", "", "LiteLLM's assistant"},
    {"--limit_concurrency", Kind::value, "integer", "", "Use general_settings.global_max_parallel_requests"},
    {"--timeout_worker_healthcheck", Kind::value, "seconds", "", "uvicorn only"},
    {"--prometheus_metrics_port", Kind::value, "integer", "", "Metrics are at /metrics"},
};

std::string first_name(const Option& option) {
  return std::string(option.names.substr(0, option.names.find(',')));
}

CLI::Option* declare(CLI::App& app, const Option& option) {
  const std::string names(option.names), help(option.help);
  if (option.kind == Kind::flag) return app.add_flag(names, help);
  auto* out = app.add_option(names, help)->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  if (option.kind == Kind::optional_value) out->expected(0, 1);
  out->type_name(std::string(option.type));
  return out;
}

Problem take_result(const Option& option, const CLI::Option& parsed, CommandLine& out) {
  if (parsed.count() == 0) return {};
  const std::string name = first_name(option);
  if (!option.set) {
    out.warnings.push_back(name + " has no effect: " + std::string(option.help));
    return {};
  }
  const auto& results = parsed.results();
  const std::string text = results.empty() || results.back().empty() ? "true" : results.back();
  Problem problem = option.set(text, out);
  return problem.empty() ? problem : name + ": " + problem;
}

Error failure(std::string message) {
  Error error{Errc::config};
  error.message = std::move(message);
  return error;
}

} // namespace

std::span<const Option> options() { return k_options; }

Result<CommandLine> parse_command_line(int argc, const char* const* argv) {
  CLI::App app("Switchyard, an LLM gateway", "switchyard");
  std::vector<CLI::Option*> declared;
  for (const Option& option : k_options) declared.push_back(declare(app, option));
  CommandLine out;
  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    out.action = Action::help;
    out.text = app.help();
    return out;
  } catch (const CLI::ParseError& problem) {
    return failure(problem.what());
  }
  std::string problems;
  for (std::size_t i = 0; i < declared.size(); ++i)
    if (Problem problem = take_result(k_options[i], *declared[i], out); !problem.empty())
      problems += (problems.empty() ? "" : "\n") + problem;
  if (!problems.empty()) return failure(std::move(problems));
  return out;
}

} // namespace switchyard::config
