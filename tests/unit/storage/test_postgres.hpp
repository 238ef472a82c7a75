// The Postgres of this test process: tests/integration/postgres.py as a child, started when first needed; it
// ends when our end of its stdin closes, however we end.
#pragma once

#include <string>

namespace switchyard::storage {

bool postgres_installed();
class TestPostgres {
 public:
  /// The one that all tests share.
  static TestPostgres& shared();
  TestPostgres();
  ~TestPostgres();
  TestPostgres(const TestPostgres&) = delete;
  TestPostgres& operator=(const TestPostgres&) = delete;
  /// Of a new, empty schema.
  std::string new_url();
  const std::string& url() const { return url_; }
  void tell(const std::string& command); ///< start, stop, crash; returns when it is done

 private:
  std::string read_line();
  std::string url_;
  int to_ = -1, from_ = -1;
  int child_ = -1;
  int schemas_ = 0;
};

} // namespace switchyard::storage
