// TLS towards clients: handshake, ALPN, resumption, abuse, and start-up errors that name the file.
#include "edge_fixture.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdio>
#include <fcntl.h>
#include <fstream>

namespace switchyard::http {
namespace {

using namespace testing;

constexpr std::string_view k_get = "GET /tls HTTP/1.1\r\nHost: h\r\n\r\n";

struct TestPair {
  std::string certificate = ::testing::TempDir() + "sy_cert_" + std::to_string(::getpid()) + ".pem";
  std::string key = ::testing::TempDir() + "sy_key_" + std::to_string(::getpid()) + ".pem";
  TestPair() {
    EVP_PKEY* made = EVP_EC_gen("P-256");
    X509* x509 = X509_new();
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 1);
    X509_gmtime_adj(X509_getm_notBefore(x509), -60);
    X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
    X509_set_pubkey(x509, made);
    auto* name = X509_get_subject_name(x509);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("localhost"),
                               -1, -1, 0);
    X509_set_issuer_name(x509, name);
    X509_sign(x509, made, EVP_sha256());
    auto* file = std::fopen(certificate.c_str(), "w");
    PEM_write_X509(file, x509);
    std::fclose(file);
    file = std::fopen(key.c_str(), "w");
    PEM_write_PrivateKey(file, made, nullptr, nullptr, 0, nullptr, nullptr);
    std::fclose(file);
    X509_free(x509);
    EVP_PKEY_free(made);
  }
  ~TestPair() {
    std::remove(certificate.c_str());
    std::remove(key.c_str());
  }
};

struct TlsTest : EdgeFixture {
  TestPair pair;
  std::unique_ptr<Edge> secure;
  SSL_CTX* client_context = SSL_CTX_new(TLS_client_method());

  TlsTest() {
    auto tls = TlsContext::load(pair.certificate, pair.key);
    EXPECT_TRUE(tls) << tls.error().message;
    secure = std::make_unique<Edge>(shard, EdgeOptions{}, *tls);
    auto made = std::make_unique<ScriptedHandler>();
    made->script = echo;
    handler = made.get();
    secure->handler = std::move(made);
  }
  ~TlsTest() override {
    secure->stop_sessions();
    pump();
    SSL_CTX_free(client_context);
  }
  Client connect_secure() { return connect(0, secure.get()); }
};

/// A TLS client over a non-blocking socket, driven together with the server.
struct TlsClient {
  TlsClient(TlsTest& owner, Client& over, SSL_SESSION* resume = nullptr)
      : test(owner), ssl(SSL_new(owner.client_context)) {
    ::fcntl(over.fd(), F_SETFL, O_NONBLOCK);
    SSL_set_fd(ssl, over.fd());
    if (resume) SSL_set_session(ssl, resume);
  }
  ~TlsClient() { SSL_free(ssl); }
  bool handshake() {
    for (int i = 0; i < 100; ++i) {
      if (SSL_connect(ssl) == 1) return true;
      test.pump();
    }
    return false;
  }
  std::string exchange(std::string_view request) {
    SSL_write(ssl, request.data(), static_cast<int>(request.size()));
    return read();
  }
  std::string read() {
    std::string got;
    char buffer[65536];
    for (int quiet = 0; quiet < 3; ++quiet) {
      test.pump();
      for (int n; (n = SSL_read(ssl, buffer, sizeof buffer)) > 0; quiet = 0)
        got.append(buffer, static_cast<std::size_t>(n)), test.pump();
    }
    return got;
  }
  TlsTest& test;
  SSL* ssl;
};

TEST_F(TlsTest, HandshakeAndRequests) {
  auto socket = connect_secure();
  TlsClient client(*this, socket);
  const unsigned char offered[] = "\x02h2\x08http/1.1";
  SSL_set_alpn_protos(client.ssl, offered, sizeof offered - 1);
  ASSERT_TRUE(client.handshake());
  const unsigned char* chosen = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(client.ssl, &chosen, &size);
  EXPECT_EQ(std::string_view(reinterpret_cast<const char*>(chosen), size), "http/1.1");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(body_of(client.exchange(k_get)), "GET /tls ");
  std::string body(100'000, 'b');
  std::string head = "POST /p HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n";
  SSL_write(client.ssl, head.data(), static_cast<int>(head.size()));
  for (std::size_t sent = 0; sent < body.size(); pump()) {
    auto n = SSL_write(client.ssl, body.data() + sent,
                       static_cast<int>(std::min<std::size_t>(body.size() - sent, 16384)));
    if (n > 0) sent += static_cast<std::size_t>(n);
  }
  EXPECT_EQ(body_of(client.read()), "POST /p " + body);
}

TEST_F(TlsTest, CloseIsAnnounced) {
  auto socket = connect_secure();
  TlsClient client(*this, socket);
  ASSERT_TRUE(client.handshake());
  EXPECT_EQ(body_of(client.exchange("GET /x HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")), "GET /x ");
  EXPECT_NE(SSL_get_shutdown(client.ssl) & SSL_RECEIVED_SHUTDOWN, 0);
  SSL_shutdown(client.ssl);
  pump();
  EXPECT_EQ(shard.sessions, 0u);
}

TEST_F(TlsTest, SessionsAreResumed) {
  SSL_SESSION* session = nullptr;
  {
    auto socket = connect_secure();
    TlsClient client(*this, socket);
    ASSERT_TRUE(client.handshake());
    client.exchange(k_get); // brings the tickets of TLS 1.3
    session = SSL_get1_session(client.ssl);
    SSL_shutdown(client.ssl);
  }
  auto socket = connect_secure();
  TlsClient client(*this, socket, session);
  ASSERT_TRUE(client.handshake());
  EXPECT_EQ(SSL_session_reused(client.ssl), 1);
  EXPECT_EQ(body_of(client.exchange(k_get)), "GET /tls ");
  SSL_SESSION_free(session);
}

TEST_F(TlsTest, OldProtocolsAndForeignAlpnAreRefused) {
  auto socket = connect_secure();
  TlsClient old(*this, socket);
  SSL_set_max_proto_version(old.ssl, TLS1_1_VERSION);
  EXPECT_FALSE(old.handshake());
  auto other = connect_secure();
  TlsClient foreign(*this, other);
  const unsigned char offered[] = "\x02h2";
  SSL_set_alpn_protos(foreign.ssl, offered, sizeof offered - 1);
  EXPECT_FALSE(foreign.handshake());
}

TEST_F(TlsTest, PlainTextAndSilenceEndTheConnection) {
  auto plain = connect_secure(), silent = connect_secure();
  plain.send(k_get);
  pump();
  EXPECT_EQ(shard.sessions, 1u);
  pass(Millis{15'100});
  EXPECT_EQ(shard.sessions, 0u);
}

TEST_F(TlsTest, DepartureCancels) {
  CancelReason reason = CancelReason::none;
  handler->script = [&](Exchange& exchange) -> aw<> {
    steady_timer timer(shard.executor(), std::chrono::hours(1));
    CancelScope::Waiter waiter(
        exchange.cancel, [](void* waiting) { static_cast<steady_timer*>(waiting)->cancel(); }, &timer);
    co_await timer.async_wait(tuple_aw);
    reason = exchange.cancel.reason();
  };
  auto socket = connect_secure();
  TlsClient client(*this, socket);
  ASSERT_TRUE(client.handshake());
  client.exchange(k_get);
  EXPECT_EQ(reason, CancelReason::none);
  socket.close();
  pump();
  EXPECT_EQ(reason, CancelReason::client_gone);
}

TEST(TlsContext, ErrorsNameTheFile) {
  TestPair pair;
  auto broken = ::testing::TempDir() + "sy_broken_" + std::to_string(::getpid()) + ".pem";
  std::ofstream(broken) << "not a certificate";
  auto no_certificate = TlsContext::load(broken, pair.key);
  ASSERT_FALSE(no_certificate);
  EXPECT_NE(no_certificate.error().message.find(broken), std::string::npos);
  auto no_key = TlsContext::load(pair.certificate, broken);
  ASSERT_FALSE(no_key);
  EXPECT_NE(no_key.error().message.find(broken), std::string::npos);
  EXPECT_NE(no_key.error().message.find("TLS key"), std::string::npos);
  std::remove(broken.c_str());
}

} // namespace
} // namespace switchyard::http
