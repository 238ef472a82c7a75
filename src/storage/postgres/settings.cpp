// A Postgres URL in pieces. Pure; the parsing of host, user and password is libpq's.
#include "storage/postgres/settings.hpp"

#include "storage/postgres/libpq.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <memory>

namespace switchyard::storage {
namespace {

// What goes on to libpq. Everything else in the query is Prisma's or unknown, and ignored as Prisma would.
constexpr std::array<std::string_view, 16> k_libpq{"host",
                                                   "hostaddr",
                                                   "port",
                                                   "user",
                                                   "password",
                                                   "dbname",
                                                   "sslmode",
                                                   "sslrootcert",
                                                   "sslkey",
                                                   "sslcrl",
                                                   "application_name",
                                                   "options",
                                                   "sslcert",
                                                   "gssencmode",
                                                   "channel_binding",
                                                   "target_session_attrs"};
constexpr int k_shortest_timeout = 2; // libpq's

Error bad_url(const std::string& what) { return Error(Errc::config, "database_url: " + what); }

int number(std::string_view text, int fallback) {
  int out = fallback;
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
  return problem == std::errc() && end == text.data() + text.size() ? out : fallback;
}

void read_parameter(std::string_view name, std::string_view value, PostgresSettings& settings,
                    std::string& kept) {
  if (name == "schema" && !value.empty())
    settings.schema = value;
  else if (name == "connection_limit")
    settings.connection_limit = number(value, 0);
  else if (name == "pgbouncer" || name == "statement_cache_size")
    settings.prepares = settings.prepares && value != "true" && value != "0";
  else if (name == "connect_timeout" && number(value, 0) > 0)
    settings.connect_timeout = number(value, 0);
  else if (std::find(k_libpq.begin(), k_libpq.end(), name) != k_libpq.end())
    (kept += kept.empty() ? '?' : '&').append(name).append("=").append(value);
}

struct FreeOptions {
  void operator()(PQconninfoOption* options) const { pq().PQconninfoFree(options); }
};

} // namespace

Result<PostgresSettings> read_postgres_url(const Secret& url, double connect_timeout) {
  if (auto ready = load_libpq(); !ready) return ready.error();
  PostgresSettings settings;
  settings.connect_timeout = static_cast<int>(std::clamp(connect_timeout, 1.0, 3600.0));
  std::string_view text = url.reveal();
  const auto question = std::min(text.find('?'), text.size());
  std::string kept;
  for (auto query = text.substr(std::min(question + 1, text.size())); !query.empty();) {
    const auto pair = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(pair.size() + 1, query.size()));
    const auto equals = std::min(pair.find('='), pair.size());
    read_parameter(pair.substr(0, equals), pair.substr(std::min(equals + 1, pair.size())), settings, kept);
  }
  settings.connect_timeout = std::max(settings.connect_timeout, k_shortest_timeout);
  const std::string for_libpq = std::string(text.substr(0, question)) + kept;
  char* words = nullptr;
  const std::unique_ptr<PQconninfoOption, FreeOptions> options(
      pq().PQconninfoParse(for_libpq.c_str(), &words));
  pq().PQfreemem(words); // may quote the password
  if (!options) return bad_url("not a valid URL (special characters in the password need %-encoding)");
  for (auto* option = options.get(); option->keyword; ++option)
    if (option->val) settings.parameters.emplace_back(option->keyword, option->val);
  return settings;
}

} // namespace switchyard::storage
