// Name lookups off the shards: a few short-lived threads that call getaddrinfo and post the answer back. One
// per process, shared by all shards; there is no thread while no lookup runs.
#pragma once

#include <switchyard/aio.hpp>
#include <switchyard/error.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace switchyard::http::upstream {

using Addresses = std::vector<asio::ip::address>;
/// Blocks; called on a resolver thread. Tests inject their own.
using LookupFunction = std::function<Result<Addresses>(const std::string& host)>;
/// getaddrinfo with the system's rules (hosts file, search domains, address order).
Result<Addresses> look_up(const std::string& host);

class Resolver {
 public:
  using Deliver = std::function<void(Result<Addresses>)>;

  explicit Resolver(LookupFunction lookup = look_up);
  Resolver(const Resolver&) = delete;
  Resolver& operator=(const Resolver&) = delete;

  /// Looks `host` up and runs `deliver` on `home`, unless `owner` was forgotten before. Thread safe.
  void submit(const void* owner, exec_t home, std::string host, Deliver deliver);
  /// After this nothing is posted for `owner` any more, so its io_context may go.
  void forget(const void* owner);

 private:
  struct State;
  static void work(std::shared_ptr<State> state);
  std::shared_ptr<State> state_; ///< threads keep it, so that a stuck lookup delays nobody's end
};

} // namespace switchyard::http::upstream
