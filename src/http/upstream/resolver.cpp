// The resolver's threads and queue. The mutex is never held during a lookup; shards take it only when a name
// must be looked up, not per request.
#include "http/upstream/resolver.hpp"

#include "http/upstream/failure.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include <algorithm>
#include <list>
#include <mutex>
#include <netdb.h>
#include <optional>
#include <system_error>
#include <thread>

namespace switchyard::http::upstream {
namespace {

constexpr std::size_t k_max_threads = 4; ///< one name server that hangs must not hold up the other names

struct Job {
  const void* owner;
  std::optional<asio::executor_work_guard<exec_t>> home;
  std::string host;
  Resolver::Deliver deliver;

  void drop() {
    owner = nullptr;
    home.reset();
    deliver = nullptr;
  }
};

struct Delivery {
  Resolver::Deliver deliver;
  Result<Addresses> answer;
  void operator()() { deliver(std::move(answer)); }
};

} // namespace

struct Resolver::State {
  std::mutex mutex;
  std::list<Job> waiting, running;
  std::size_t threads = 0;
  LookupFunction lookup;
};

Resolver::Resolver(LookupFunction lookup) : state_(std::make_shared<State>()) {
  state_->lookup = std::move(lookup);
}

void Resolver::submit(const void* owner, exec_t home, std::string host, Deliver deliver) {
  std::lock_guard lock(state_->mutex);
  state_->waiting.push_back({owner, asio::make_work_guard(home), std::move(host), std::move(deliver)});
  if (state_->threads == k_max_threads) return;
  try {
    std::thread(work, state_).detach();
    ++state_->threads;
  } catch (const std::system_error&) {
    if (state_->threads > 0) return; // a running thread takes it up
    auto& job = state_->waiting.back();
    Delivery delivery{std::move(job.deliver), failure(Errc::api_connection, "no thread for a name lookup")};
    asio::post(home, std::move(delivery));
    state_->waiting.pop_back();
  }
}

void Resolver::work(std::shared_ptr<State> state) {
  std::unique_lock lock(state->mutex);
  while (!state->waiting.empty()) {
    auto job = state->waiting.begin();
    state->running.splice(state->running.end(), state->waiting, job);
    lock.unlock();
    auto answer = state->lookup(job->host);
    lock.lock();
    if (job->owner) {
      // Posted under the lock: when forget() has returned, no post is on its way.
      Delivery delivery{std::move(job->deliver), std::move(answer)};
      asio::post(job->home->get_executor(), std::move(delivery));
    }
    state->running.erase(job);
  }
  --state->threads;
}

void Resolver::forget(const void* owner) {
  std::lock_guard lock(state_->mutex);
  state_->waiting.remove_if([owner](const Job& job) { return job.owner == owner; });
  for (auto& job : state_->running)
    if (job.owner == owner) job.drop();
}

Result<Addresses> look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  if (int code = getaddrinfo(host.c_str(), nullptr, &hints, &list); code != 0)
    return failure(Errc::api_connection, gai_strerror(code));
  std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(list, freeaddrinfo);
  Addresses found;
  for (auto* entry = list; entry; entry = entry->ai_next) {
    tcp::endpoint endpoint;
    if (entry->ai_addrlen > endpoint.capacity()) continue;
    std::copy_n(reinterpret_cast<const char*>(entry->ai_addr), entry->ai_addrlen,
                reinterpret_cast<char*>(endpoint.data()));
    found.push_back(endpoint.address());
  }
  if (found.empty()) return failure(Errc::api_connection, "the name has no address");
  return found;
}

} // namespace switchyard::http::upstream
