// TLS for the mock's listener (upstream TLS tests). One context per process, one stream per connection; one
// thread.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <sys/types.h>

struct ssl_ctx_st;
struct ssl_st;

namespace switchyard::mock {

/// Results of a non-blocking read or write below zero.
constexpr ssize_t k_would_block = -1, k_broken = -2;

class TlsContext {
 public:
  /// Empty on failure; `error` says why.
  static std::unique_ptr<TlsContext> load(const std::string& cert, const std::string& key,
                                          std::string& error);
  ~TlsContext();
  ssl_ctx_st* get() const { return context_; }

 private:
  explicit TlsContext(ssl_ctx_st* context) : context_(context) {}
  ssl_ctx_st* context_;
};

/// A server-side stream over a non-blocking fd; the handshake happens inside the first reads and writes.
class TlsStream {
 public:
  TlsStream(const TlsContext& context, int fd);
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  ssize_t read(char* data, std::size_t size);
  ssize_t write(const char* data, std::size_t size);
  void close_notify();

 private:
  ssize_t result(int n);
  ssl_st* ssl_;
};

} // namespace switchyard::mock
