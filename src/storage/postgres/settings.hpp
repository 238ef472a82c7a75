// A Postgres URL in pieces: what libpq takes, and what Prisma's URLs say beside it. Immutable after start-up;
// holds the password, so it must not be printed.
#pragma once

#include <switchyard/error.hpp>
#include <switchyard/secret.hpp>

#include <string>
#include <utility>
#include <vector>

namespace switchyard::storage {

struct PostgresSettings {
  std::vector<std::pair<std::string, std::string>> parameters; ///< libpq's keywords
  std::string schema = "public";
  int connection_limit = 0; ///< 0 = not in the URL
  bool prepares = true;     ///< false behind pgbouncer: no prepared statements
  int connect_timeout = 60; ///< seconds
};

/// Errors name the parameter, never a value.
Result<PostgresSettings> read_postgres_url(const Secret& url, double connect_timeout);

} // namespace switchyard::storage
