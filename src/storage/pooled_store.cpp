// A store's threads. Threads and their connections are made on demand, at most as many as configured, and
// stay; the queue is unbounded since its callers bound what they send.
#include "storage/pooled_store.hpp"

#include <switchyard/log.hpp>

#include <algorithm>

namespace switchyard::storage {

PooledStore::PooledStore(std::unique_ptr<Backend> backend, int most_threads)
    : backend_(std::move(backend)), most_threads_(static_cast<std::size_t>(std::max(most_threads, 1))) {}

PooledStore::~PooledStore() { close(); }

void PooledStore::run(std::function<void(Session&)> job) {
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  jobs_.push_back(std::move(job));
  if (idle_ < jobs_.size() && threads_.size() < most_threads_) threads_.emplace_back([this] { work(); });
  changed_.notify_one();
}

void PooledStore::work() {
  auto session = backend_->make_session(false);
  std::unique_lock lock(mutex_);
  for (;;) {
    ++idle_;
    changed_.wait(lock, [this] { return closed_ || !jobs_.empty(); });
    --idle_;
    if (closed_) return;
    auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    try {
      job(*session);
    } catch (const std::exception& e) {
      log::error("store_job_failed", {{"what", e.what()}});
    }
    session->rollback(); // a job that forgot to end its transaction
    job = nullptr;       // what it holds goes before the lock is taken
    lock.lock();
  }
}

Result<std::unique_ptr<Session>> PooledStore::open() {
  auto session = backend_->make_session(true);
  if (auto connected = session->connect(); !connected) return connected.error();
  return Result<std::unique_ptr<Session>>(std::move(session));
}

void PooledStore::close() {
  std::vector<std::thread> threads;
  std::deque<std::function<void(Session&)>> dropped;
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    closed_ = true;
    threads.swap(threads_);
    dropped.swap(jobs_);
  }
  changed_.notify_all();
  backend_->close();
  for (auto& thread : threads) thread.join();
}

} // namespace switchyard::storage
