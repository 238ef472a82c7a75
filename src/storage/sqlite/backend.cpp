// SQLite behind the store's threads. Nobody else writes the file (the data directory is locked), so there is
// nothing to listen to.
#include "storage/pooled_store.hpp"
#include "storage/sqlite/session.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace switchyard::storage {
namespace {

class SqliteBackend final : public Backend {
 public:
  explicit SqliteBackend(std::string path) : path_(std::move(path)), keeper_(path_, up_) {}
  Dialect dialect() const override { return Dialect::sqlite; }
  std::unique_ptr<SqlSession> make_session(bool) override {
    return std::make_unique<SqliteSession>(path_, up_);
  }
  bool up() const noexcept override { return up_; }
  void listen(std::function<void(std::string_view)>) override {}
  void close() override {}
  Result<void> connect() { return keeper_.connect(); }

 private:
  std::string path_;
  std::atomic<bool> up_{false};
  SqliteSession keeper_; ///< a memory database lives as long as a connection does
};

} // namespace

Result<std::unique_ptr<Backend>> make_sqlite_backend(std::string path) {
  if (path == ":memory:")
    path = memory_uri();
  else if (const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600); file >= 0)
    ::close(file); // SQLite would let everybody read it; its other files take the mode of this one
  auto backend = std::make_unique<SqliteBackend>(std::move(path));
  if (auto connected = backend->connect(); !connected) return connected.error();
  return Result<std::unique_ptr<Backend>>(std::move(backend));
}

} // namespace switchyard::storage
