// `switchyard db status|migrate|check` and `switchyard import`. Prints no password: URLs are shown without
// it.
#include "db_commands.hpp"

#include <switchyard/store.hpp>

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <vector>

namespace switchyard {
namespace {

using storage::Session;
using storage::Store;

constexpr const char* k_usage = "usage: switchyard db status|check [--url URL]\n"
                                "       switchyard db migrate [--dry-run] [--url URL]\n"
                                "       switchyard import --from URL [--into URL]\n"
                                "URL: postgresql://user:password@host:5432/database or sqlite:///path. "
                                "Without one: DATABASE_URL, else the\n"
                                "store in the data directory.\n";

struct Options {
  std::string action, url, from;
  bool dry_run = false;
};

std::optional<Options> read_options(std::span<const std::string> arguments) {
  Options options;
  if (arguments.empty()) return {};
  const bool import = arguments.front() == "import";
  std::size_t next = 1;
  options.action = import ? "import" : arguments.size() > next ? arguments[next++] : "";
  for (; next < arguments.size(); ++next) {
    const auto& word = arguments[next];
    const bool has_value = next + 1 < arguments.size();
    if (word == "--dry-run" && options.action == "migrate")
      options.dry_run = true;
    else if (word == (import ? "--into" : "--url") && has_value)
      options.url = arguments[++next];
    else if (word == "--from" && import && has_value)
      options.from = arguments[++next];
    else
      return {};
  }
  if (import && options.from.empty()) return {};
  return options;
}

/// Scheme, host and database: no user, no password, no parameters.
std::string shown(std::string_view url) {
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return "?";
  auto rest = url.substr(scheme_end + 3);
  rest = rest.substr(0, rest.find('?'));
  if (const auto at = rest.rfind('@'); at != std::string_view::npos) rest.remove_prefix(at + 1);
  return std::string(url.substr(0, scheme_end + 3)) + std::string(rest);
}

int fail(const Error& error) {
  std::cerr << "error: " << error.message << "\n";
  return 1;
}

struct Open {
  std::unique_ptr<Store> store; ///< outlives the session
  std::unique_ptr<Session> session;
};

Result<Open> open(const std::string& url) {
  storage::StoreOptions options;
  options.url = Secret(url);
  options.connections = 1;
  auto store = storage::open_store(options);
  if (!store) return store.error();
  auto session = (*store)->open();
  if (!session) return session.error();
  Open opened;
  opened.store = std::move(*store);
  opened.session = std::move(*session);
  return Result<Open>(std::move(opened));
}

int print(const std::vector<std::string>& lines, const char* none) {
  for (auto& line : lines) std::cout << line << "\n";
  if (lines.empty()) std::cout << none << "\n";
  return 0;
}

int run_status(Session& session) {
  const bool postgres = session.dialect() == storage::Dialect::postgres;
  std::cout << "backend: " << (postgres ? "PostgreSQL" : "SQLite") << "\n";
  storage::Select newest{"Switchyard_Migrations", {}, {{"version", true}}, 1};
  auto rows = session.select(newest);
  if (rows && !rows->empty())
    for (auto& [name, value] : rows->front())
      std::cout << "schema " << name << ": " << to_json(value) << "\n";
  else
    std::cout << "schema: never migrated by Switchyard\n";
  for (const std::string table : {"VerificationToken", "UserTable", "TeamTable", "OrganizationTable",
                                  "EndUserTable", "BudgetTable", "ProxyModelTable", "SpendLogs"}) {
    auto count = session.count(table);
    if (!count && count.error().code == Errc::unavailable) return fail(count.error());
    std::cout << "LiteLLM_" << table << ": " << (count ? std::to_string(*count) + " rows" : "missing")
              << "\n";
  }
  auto differences = storage::check_schema(session);
  if (!differences) return fail(differences.error());
  std::cout << "differences to the known schema: " << differences->size()
            << (differences->empty() ? "" : " (switchyard db check lists them)") << "\n";
  return 0;
}

int run_migrate(Session& session, bool dry_run) {
  auto lines = storage::migrate(session, dry_run);
  if (!lines) return fail(lines.error());
  if (dry_run) std::cout << "would do:\n";
  return print(*lines, "nothing to do: the schema is complete");
}

int run_check(Session& session) {
  auto lines = storage::check_schema(session);
  if (!lines) return fail(lines.error());
  print(*lines, "the schema is as expected");
  // Unknown columns come from a newer LiteLLM and do no harm.
  return std::all_of(lines->begin(), lines->end(),
                     [](const std::string& line) { return line.starts_with("unknown"); })
             ? 0
             : 1;
}

int run_import(const std::string& from_url, Session& into) {
  auto from = open(from_url);
  if (!from) return fail(from.error());
  std::cout << "from: " << shown(from_url) << "\n";
  if (auto migrated = storage::migrate(into, false); !migrated) return fail(migrated.error());
  auto lines = storage::import_database(*from->session, into);
  if (!lines) return fail(lines.error());
  return print(*lines, "");
}

} // namespace

int run_db_command(std::span<const std::string> arguments,
                   const std::function<std::string(std::string_view)>& environment,
                   const std::string& embedded_url) {
  const auto options = read_options(arguments);
  const std::string actions[] = {"status", "migrate", "check", "import"};
  if (!options || std::find(std::begin(actions), std::end(actions), options->action) == std::end(actions)) {
    std::cerr << k_usage;
    return 2;
  }
  auto url = options->url;
  if (url.empty()) url = environment("DATABASE_URL");
  if (url.empty()) url = embedded_url;
  if (url.empty()) {
    std::cerr << "no database: give --url, or set DATABASE_URL\n" << k_usage;
    return 2;
  }
  auto opened = open(url);
  if (!opened) return fail(opened.error());
  std::cout << "database: " << shown(url) << "\n";
  auto& session = *opened->session;
  if (options->action == "status") return run_status(session);
  if (options->action == "migrate") return run_migrate(session, options->dry_run);
  return options->action == "check" ? run_check(session) : run_import(options->from, session);
}

} // namespace switchyard
