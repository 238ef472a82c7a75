// OpenSSL settings of upstream connections. Lives on a shard; blocking file reads happen once per client.
#include "http/upstream/tls.hpp"

#include "http/upstream/failure.hpp"

#include <boost/asio/ip/address.hpp>
#include <openssl/err.h>
#include <openssl/x509v3.h>

namespace switchyard::http::upstream {
namespace {

constexpr unsigned char k_alpn[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

int session_index() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

int keep_session(SSL* ssl, SSL_SESSION* session) {
  auto* slot = static_cast<TlsSession*>(SSL_get_ex_data(ssl, session_index()));
  if (!slot) return 0;
  slot->session.reset(session);
  return 1;
}

std::string openssl_reason() {
  auto code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code ? ERR_reason_error_string(code) : nullptr;
  return reason ? reason : "unknown reason";
}

Result<void> load_trust(SSL_CTX* context, const ClientOptions& options) {
  SSL_CTX_set_verify(context, options.verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  if (!options.verify) return {};
  bool loaded = options.ca_file.empty() ? SSL_CTX_set_default_verify_paths(context) == 1
                                        : SSL_CTX_load_verify_file(context, options.ca_file.c_str()) == 1;
  if (loaded) return {};
  return failure(Errc::api_connection, "cannot load the CA file ", options.ca_file, ": ", openssl_reason());
}

Result<void> load_certificate(SSL_CTX* context, const std::string& file) {
  if (file.empty()) return {};
  if (SSL_CTX_use_certificate_chain_file(context, file.c_str()) == 1 &&
      SSL_CTX_use_PrivateKey_file(context, file.c_str(), SSL_FILETYPE_PEM) == 1)
    return {};
  return failure(Errc::api_connection, "cannot load the client certificate ", file, ": ", openssl_reason());
}

} // namespace

Result<std::unique_ptr<asio::ssl::context>> make_tls_context(const ClientOptions& options) {
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_client);
  auto* raw = context->native_handle();
  ERR_clear_error();
  SSL_CTX_set_min_proto_version(raw, TLS1_2_VERSION);
  SSL_CTX_set_session_cache_mode(raw, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(raw, keep_session);
  SSL_CTX_set_mode(raw, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_alpn_protos(raw, k_alpn, sizeof k_alpn);
  if (auto trust = load_trust(raw, options); !trust) return trust.error();
  if (auto loaded = load_certificate(raw, options.client_certificate); !loaded) return loaded.error();
  return context;
}

Result<void> prepare_tls(SSL* ssl, const std::string& host, TlsSession& slot) {
  boost::system::error_code not_numeric;
  asio::ip::make_address(host, not_numeric);
  SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  bool named = not_numeric
                   ? SSL_set_tlsext_host_name(ssl, host.c_str()) == 1 && SSL_set1_host(ssl, host.c_str()) == 1
                   : X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host.c_str()) == 1;
  if (!named) return failure(Errc::api_connection, "TLS to ", host, ": ", openssl_reason());
  SSL_set_ex_data(ssl, session_index(), &slot);
  if (slot.session) SSL_set_session(ssl, slot.session.get());
  return {};
}

void forget_session(SSL* ssl) noexcept { SSL_set_ex_data(ssl, session_index(), nullptr); }

std::string handshake_reason(SSL* ssl, const boost::system::error_code& ec) {
  auto verdict = SSL_get_verify_result(ssl);
  if (verdict != X509_V_OK)
    return std::string("certificate verify failed: ") + X509_verify_cert_error_string(verdict);
  return ec.message();
}

} // namespace switchyard::http::upstream
