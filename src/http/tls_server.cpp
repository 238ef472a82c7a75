// TLS transport: asynchronous operations only (write_some on a non-blocking ssl::stream loses bytes). The
// context: TLS 1.2 and up, tickets and a session cache, ALPN http/1.1.
#include "http/tls_server.hpp"

#include <boost/asio/ssl/stream.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

namespace switchyard::http {
namespace {

constexpr unsigned char k_alpn[] = "\x08http/1.1";
constexpr unsigned char k_session_id[] = "switchyard";

int select_alpn(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered,
                unsigned size, void*) {
  unsigned char* chosen = nullptr;
  auto found = SSL_select_next_proto(&chosen, out_size, k_alpn, sizeof k_alpn - 1, offered, size);
  *out = chosen;
  return found == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

Error file_error(std::string_view what, const std::string& file) {
  auto code = ERR_get_error();
  const char* reason = code != 0 ? ERR_reason_error_string(code) : nullptr;
  ERR_clear_error();
  Error error{Errc::config};
  error.message.append(what).append(" '").append(file).append("': ").append(reason ? reason
                                                                                   : "cannot be used");
  return error;
}

class TlsTransport final : public Transport {
 public:
  TlsTransport(tcp_socket socket, asio::ssl::context& context) : stream_(std::move(socket), context) {}

  aw<error_code> open() override {
    auto [ec] = co_await stream_.async_handshake(asio::ssl::stream_base::server, tuple_aw);
    co_return ec;
  }
  void start_read(asio::mutable_buffer into, ReadSink& sink) override {
    stream_.async_read_some(into, [&sink](error_code ec, std::size_t n) { sink.on_read(ec, n); });
  }
  Written try_write(WriteParts) override { return {}; }
  aw<Written> write_some(WriteParts parts) override {
    auto [ec, n] = co_await stream_.async_write_some(parts, tuple_aw);
    co_return Written{ec, n};
  }
  aw<> end_output() override {
    auto [ignored] = co_await stream_.async_shutdown(tuple_aw);
    (void)ignored;
  }
  void close() noexcept override {
    error_code ignored;
    stream_.next_layer().close(ignored);
  }
  void abort() noexcept override {
    error_code ignored;
    stream_.next_layer().set_option(asio::socket_base::linger(true, 0), ignored);
    stream_.next_layer().close(ignored);
  }

 private:
  asio::ssl::stream<tcp_socket> stream_;
};

} // namespace

TlsContext::TlsContext() : context_(asio::ssl::context::tls_server) {}

Result<std::shared_ptr<const TlsContext>> TlsContext::load(const std::string& certificate_file,
                                                           const std::string& key_file) {
  std::shared_ptr<TlsContext> made(new TlsContext);
  if (auto done = made->configure(certificate_file, key_file); !done) return done.error();
  return std::shared_ptr<const TlsContext>(std::move(made));
}

Result<void> TlsContext::configure(const std::string& certificate_file, const std::string& key_file) {
  auto* ssl = context_.native_handle();
  ERR_clear_error();
  if (SSL_CTX_use_certificate_chain_file(ssl, certificate_file.c_str()) != 1)
    return file_error("TLS certificate", certificate_file);
  if (SSL_CTX_use_PrivateKey_file(ssl, key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    return file_error("TLS key", key_file);
  if (SSL_CTX_check_private_key(ssl) != 1)
    return file_error("TLS key does not fit the certificate", key_file);
  SSL_CTX_set_min_proto_version(ssl, TLS1_2_VERSION);
  SSL_CTX_set_options(ssl, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION | SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_SERVER);
  SSL_CTX_set_session_id_context(ssl, k_session_id, sizeof k_session_id - 1);
  SSL_CTX_set_mode(ssl, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_select_cb(ssl, select_alpn, nullptr);
  return {};
}

std::unique_ptr<Transport> make_tls_transport(tcp_socket socket, const TlsContext& context) {
  return std::make_unique<TlsTransport>(std::move(socket), context.context());
}

} // namespace switchyard::http
