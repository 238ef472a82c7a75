// A store's threads: a queue of jobs and sessions that the threads keep. Made at start-up; run() may be
// called from any thread (also a shard: it only queues), the jobs block on the database.
#pragma once

#include "storage/sql/sql_session.hpp"

#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace switchyard::storage {

/// What a backend gives to the pool. Called on the store's threads.
class Backend {
 public:
  virtual ~Backend() = default;
  virtual Dialect dialect() const = 0;
  /// Not connected yet: it connects with its first statement. `patient`: may wait for the whole connect
  /// timeout and ignores the backoff of other sessions.
  virtual std::unique_ptr<SqlSession> make_session(bool patient) = 0;
  virtual bool up() const noexcept = 0;
  virtual void listen(std::function<void(std::string_view)> heard) = 0;
  virtual void close() = 0; ///< ends the listener
};

class PooledStore final : public Store {
 public:
  PooledStore(std::unique_ptr<Backend> backend, int most_threads);
  ~PooledStore() override;
  Dialect dialect() const override { return backend_->dialect(); }
  void run(std::function<void(Session&)> job) override;
  Result<std::unique_ptr<Session>> open() override;
  bool up() const noexcept override { return backend_->up(); }
  void listen(std::function<void(std::string_view)> heard) override { backend_->listen(std::move(heard)); }
  void close() override;

 private:
  void work();

  std::unique_ptr<Backend> backend_;
  const std::size_t most_threads_;
  std::mutex mutex_; ///< over everything below
  std::condition_variable changed_;
  std::deque<std::function<void(Session&)>> jobs_;
  std::vector<std::thread> threads_;
  std::size_t idle_ = 0;
  bool closed_ = false;
};

Result<std::unique_ptr<Backend>> make_sqlite_backend(std::string path);
Result<std::unique_ptr<Backend>> make_postgres_backend(const StoreOptions& options, int& connections);

} // namespace switchyard::storage
