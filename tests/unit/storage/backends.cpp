// The databases that the storage tests run against: SQLite in memory, and a Postgres of our own.
#include "storage/schema/schema.hpp"
#include "unit/storage/store_fixture.hpp"
#include "unit/storage/test_postgres.hpp"

#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace switchyard::storage {
namespace {

constexpr const char* k_script = SWITCHYARD_SOURCE_DIR "/tests/integration/postgres.py";

} // namespace

bool postgres_installed() {
  static const bool installed = [] {
    const bool found = std::system("ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || "
                                   "command -v postgres >/dev/null 2>&1") == 0;
    if (!found) std::fprintf(stderr, "\n*** Postgres is not installed: ONLY SQLITE IS TESTED ***\n\n");
    return found;
  }();
  return installed;
}

std::vector<std::string> backend_names() {
  if (postgres_installed()) return {"sqlite", "postgres"};
  return {"sqlite"};
}

std::string new_database(const std::string& backend) {
  return backend == "sqlite" ? "sqlite://:memory:" : TestPostgres::shared().new_url();
}

std::string migrated_database(const std::string& backend, std::unique_ptr<Store>& store) {
  static std::string postgres;
  if (backend == "postgres" && postgres.empty()) postgres = new_database(backend);
  const auto url = backend == "postgres" ? postgres : new_database(backend);
  store = open_or_fail(url);
  auto session = store->open();
  EXPECT_TRUE(session) << session.error().message;
  if (!session) return url;
  auto lines = migrate(**session, false);
  EXPECT_TRUE(lines) << lines.error().message;
  if (backend == "sqlite" || (lines && !lines->empty())) return url; // it is new
  for (auto& table : all_tables()) {
    const bool keep = table.name == "Switchyard_Migrations";
    EXPECT_TRUE(keep || (*session)->remove(table.name, {}));
  }
  return url;
}

TestPostgres& TestPostgres::shared() {
  static TestPostgres server;
  return server;
}

TestPostgres::TestPostgres() {
  int in[2], out[2];
  if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) std::abort();
  child_ = ::fork();
  if (child_ == 0) {
    ::dup2(in[0], 0), ::dup2(out[1], 1);
    ::execlp("python3", "python3", k_script, nullptr);
    ::_exit(127);
  }
  ::close(in[0]), ::close(out[1]);
  to_ = in[1], from_ = out[0];
  url_ = read_line();
  EXPECT_TRUE(url_.starts_with("postgresql://")) << url_;
}

TestPostgres::~TestPostgres() {
  ::close(to_), ::close(from_);
  ::waitpid(child_, nullptr, 0);
}

std::string TestPostgres::read_line() {
  std::string line;
  for (char c = 0; ::read(from_, &c, 1) == 1 && c != '\n';) line += c;
  return line;
}

void TestPostgres::tell(const std::string& command) {
  const auto line = command + "\n";
  ASSERT_EQ(::write(to_, line.data(), line.size()), static_cast<ssize_t>(line.size()));
  EXPECT_EQ(read_line(), "ok");
}

std::string TestPostgres::new_url() {
  const auto schema = "t" + std::to_string(++schemas_);
  auto store = open_or_fail(url_);
  auto session = store->open();
  EXPECT_TRUE(session) << session.error().message;
  EXPECT_TRUE(session && (*session)->query("CREATE SCHEMA " + schema));
  return url_ + "&connection_limit=4&pool_timeout=10&schema=" + schema;
}

} // namespace switchyard::storage
