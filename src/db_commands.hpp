// `switchyard db status|migrate|check` and `switchyard import`: main's thread, blocking; they serve nothing.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

namespace switchyard {

/// `arguments` from "db" or "import" on. The database is --url (--into of import), else DATABASE_URL, else
/// `embedded_url` (the store in the data directory; "" = none). The process's exit code: 0 done, 1 failed or
/// differences were found, 2 wrong usage.
int run_db_command(std::span<const std::string> arguments,
                   const std::function<std::string(std::string_view)>& environment,
                   const std::string& embedded_url);

} // namespace switchyard
