// TLS on the client side: one context for the process (immutable once made), one transport per connection
// (on its shard). HTTP/1.1 only.
#pragma once

#include "http/transport.hpp"

#include <switchyard/error.hpp>

#include <boost/asio/ssl/context.hpp>

#include <memory>
#include <string>

namespace switchyard::http {

class TlsContext {
 public:
  /// Loads a PEM chain and its key; the error names the file that cannot be used.
  static Result<std::shared_ptr<const TlsContext>> load(const std::string& certificate_file,
                                                        const std::string& key_file);
  asio::ssl::context& context() const noexcept { return context_; }

 private:
  TlsContext();
  Result<void> configure(const std::string& certificate_file, const std::string& key_file);
  mutable asio::ssl::context context_; ///< OpenSSL counts references inside; nothing else changes
};

std::unique_ptr<Transport> make_tls_transport(tcp_socket socket, const TlsContext& context);

} // namespace switchyard::http
