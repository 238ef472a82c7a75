// TLS for the mock through OpenSSL; one thread, non-blocking.
#include "tls.hpp"

#include <climits>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>

namespace switchyard::mock {

std::unique_ptr<TlsContext> TlsContext::load(const std::string& cert, const std::string& key,
                                             std::string& error) {
  auto* context = SSL_CTX_new(TLS_server_method());
  std::unique_ptr<TlsContext> out(new TlsContext(context));
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (SSL_CTX_use_certificate_chain_file(context, cert.c_str()) == 1 &&
      SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) == 1)
    return out;
  error = ERR_reason_error_string(ERR_peek_last_error());
  return nullptr;
}

TlsContext::~TlsContext() { SSL_CTX_free(context_); }

TlsStream::TlsStream(const TlsContext& context, int fd) : ssl_(SSL_new(context.get())) {
  SSL_set_fd(ssl_, fd);
  SSL_set_accept_state(ssl_);
}

TlsStream::~TlsStream() { SSL_free(ssl_); }

ssize_t TlsStream::result(int n) {
  if (n > 0) return n;
  auto code = SSL_get_error(ssl_, n);
  ERR_clear_error(); // errors are per thread: the next stream must not see ours
  if (code == SSL_ERROR_WANT_READ || code == SSL_ERROR_WANT_WRITE) return k_would_block;
  return code == SSL_ERROR_ZERO_RETURN ? 0 : k_broken;
}

ssize_t TlsStream::read(char* data, std::size_t size) {
  return result(SSL_read(ssl_, data, static_cast<int>(std::min<std::size_t>(size, INT_MAX))));
}

ssize_t TlsStream::write(const char* data, std::size_t size) {
  return result(SSL_write(ssl_, data, static_cast<int>(std::min<std::size_t>(size, INT_MAX))));
}

void TlsStream::close_notify() {
  SSL_shutdown(ssl_);
  ERR_clear_error();
}

} // namespace switchyard::mock
