// TLS towards upstreams: one context per client, one remembered session per origin. Lives on a shard; made at
// the first TLS connection, since loading the trust store takes time.
#pragma once

#include "http/upstream/client.hpp"

#include <boost/asio/ssl/context.hpp>
#include <openssl/ssl.h>

#include <memory>
#include <string>

namespace switchyard::http::upstream {

/// The newest session of an origin; OpenSSL writes it through a pointer kept in the SSL object.
struct TlsSession {
  struct Free {
    void operator()(SSL_SESSION* session) const noexcept { SSL_SESSION_free(session); }
  };
  std::unique_ptr<SSL_SESSION, Free> session;
};

/// Trust, client certificate and protocol versions by the options. Fails with a text that names the file.
Result<std::unique_ptr<asio::ssl::context>> make_tls_context(const ClientOptions& options);

/// SNI, host name verification, ALPN and session of one connection. `slot` must live until forget_session().
Result<void> prepare_tls(SSL* ssl, const std::string& host, TlsSession& slot);
void forget_session(SSL* ssl) noexcept;

/// Why the handshake failed, in OpenSSL's words.
std::string handshake_reason(SSL* ssl, const boost::system::error_code& ec);

} // namespace switchyard::http::upstream
