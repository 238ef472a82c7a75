// One thread per file: credentials are read once an hour.
#include "http/upstream/file_read.hpp"

#include "http/shard.hpp"

#include <boost/asio/post.hpp>

#include <fstream>
#include <memory>
#include <mutex>
#include <system_error>
#include <thread>

namespace switchyard::http::upstream {

namespace {

constexpr std::size_t k_most_bytes = 1024 * 1024;

/// Shared by the waiting frame and the thread. After `wanted` is false nothing is posted to the shard any
/// more.
struct Job {
  std::mutex mutex;
  bool wanted = true;
  std::optional<std::string> bytes;
  steady_timer* timer = nullptr; ///< the shard's only
};

std::optional<std::string> read_now(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::string bytes(k_most_bytes + 1, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes.resize(static_cast<std::size_t>(in.gcount()));
  if (in.bad() || bytes.size() > k_most_bytes) return std::nullopt;
  return bytes;
}

/// The lock never lives in a coroutine's frame.
std::optional<std::string> take(Job& job) {
  const std::lock_guard lock(job.mutex);
  return std::move(job.bytes);
}

struct Wake {
  std::shared_ptr<Job> job;
  void operator()() const {
    if (job->timer) job->timer->cancel();
  }
};

void work(const std::shared_ptr<Job>& job, exec_t home, const std::string& path) {
  auto bytes = read_now(path);
  const std::lock_guard lock(job->mutex);
  job->bytes = std::move(bytes);
  if (job->wanted) asio::post(home, Wake{job});
}

/// Ends the wait for the thread, also when the frame is destroyed with its shard.
struct Interest {
  std::shared_ptr<Job> job;
  explicit Interest(std::shared_ptr<Job> j) : job(std::move(j)) {}
  Interest(const Interest&) = delete;
  Interest& operator=(const Interest&) = delete;
  ~Interest() {
    const std::lock_guard lock(job->mutex);
    job->wanted = false, job->timer = nullptr;
  }
};

} // namespace

aw<std::optional<std::string>> read_small_file(Shard& shard, std::string path, CancelScope& cancel) {
  if (cancel.cancelled()) co_return std::nullopt;
  const auto job = std::make_shared<Job>();
  steady_timer timer(shard.context, Instant::max());
  job->timer = &timer;
  const Interest interest(job);
  try {
    std::thread(work, job, shard.executor(), path).detach();
  } catch (const std::system_error&) {
    co_return std::nullopt;
  }
  CancelScope::Waiter waiter(
      cancel, [](void* t) { static_cast<steady_timer*>(t)->cancel(); }, &timer);
  co_await timer.async_wait(tuple_aw);
  if (cancel.cancelled()) co_return std::nullopt;
  auto bytes = take(*job);
  co_return bytes;
}

} // namespace switchyard::http::upstream
