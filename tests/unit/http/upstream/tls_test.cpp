// TLS of the upstream client with certificates of its own making: verification, names, sessions, tunnels.
#include "unit/http/upstream/certificates.hpp"
#include "unit/http/upstream/fixture.hpp"

#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>

#include <fstream>

namespace switchyard::http::upstream {
namespace {

using ::testing::HasSubstr;
using TlsPeer = BasicPeer<asio::ssl::stream<tcp_socket>>;

class UpstreamTlsTest : public UpstreamTest {
 protected:
  UpstreamTlsTest() : ca_(make_certificate("", nullptr)) {
    origin.tls = true;
    origin.host = "upstream.test";
    ca_file_ = ::testing::TempDir() + "switchyard_ca_" + std::to_string(origin.port) + ".pem";
    std::ofstream(ca_file_) << ca_.certificate_pem();
    use_certificate("DNS:upstream.test,IP:127.0.0.1");
    make_client(trusting());
  }
  ~UpstreamTlsTest() override { std::remove(ca_file_.c_str()); }

  ClientOptions trusting() {
    ClientOptions options;
    options.ca_file = ca_file_;
    options.resolver = std::make_shared<Resolver>(
        [](const std::string&) -> Result<Addresses> { return Addresses{asio::ip::address_v4::loopback()}; });
    return options;
  }
  void use_certificate(const std::string& names, int days = 1) {
    auto made = make_certificate(names, &ca_, days);
    context_ = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
    context_->use_certificate(asio::buffer(made.certificate_pem()), asio::ssl::context::pem);
    context_->use_private_key(asio::buffer(made.key_pem()), asio::ssl::context::pem);
    SSL_CTX_set_session_id_context(context_->native_handle(), reinterpret_cast<const unsigned char*>("t"), 1);
  }
  /// Continues an accepted connection as the TLS server.
  aw<TlsPeer> secure(Peer plain) {
    TlsPeer peer{asio::ssl::stream<tcp_socket>(std::move(plain.stream()), *context_)};
    auto [ec] = co_await peer.stream().async_handshake(asio::ssl::stream_base::server, tuple_aw);
    handshake_ = ec;
    co_return peer;
  }
  aw<> serve(int requests) {
    auto peer = co_await secure(co_await accept());
    if (auto* name = SSL_get_servername(peer.stream().native_handle(), TLSEXT_NAMETYPE_host_name))
      sni_ = name;
    reused_ = SSL_session_reused(peer.stream().native_handle());
    for (int i = 0; i < requests; ++i) {
      last_ = co_await peer.request();
      co_await peer.send(ok("secret"));
    }
    peer.close();
  }
  std::string fetch_once() {
    std::string result;
    auto test = [&]() -> aw<> { result = co_await fetch(); };
    run(test());
    return result;
  }

  Certificate ca_;
  std::string ca_file_, sni_, last_;
  std::unique_ptr<asio::ssl::context> context_;
  error_code handshake_;
  bool reused_ = false;
};

TEST_F(UpstreamTlsTest, VerifiesAndKeepsTheConnection) {
  start(serve(2));
  EXPECT_EQ(fetch_once(), "200 secret");
  EXPECT_EQ(fetch_once(), "200 secret");
  EXPECT_EQ(client->connects(), 1u);
  EXPECT_EQ(sni_, "upstream.test");
}

TEST_F(UpstreamTlsTest, VerifiesNumericHostsWithoutSni) {
  origin.host = "127.0.0.1";
  start(serve(1));
  EXPECT_EQ(fetch_once(), "200 secret");
  EXPECT_EQ(sni_, "");
}

TEST_F(UpstreamTlsTest, RefusesACertificateForAnotherHost) {
  use_certificate("DNS:other.test");
  start(serve(1));
  auto name = "TLS to upstream.test:" + std::to_string(origin.port);
  EXPECT_EQ(fetch_once(), name + ": certificate verify failed: hostname mismatch");
}

TEST_F(UpstreamTlsTest, RefusesAnExpiredCertificate) {
  use_certificate("DNS:upstream.test", -1);
  start(serve(1));
  EXPECT_THAT(fetch_once(), HasSubstr("certificate verify failed: certificate has expired"));
}

TEST_F(UpstreamTlsTest, RefusesAnUnknownIssuer) {
  auto other = make_certificate("", nullptr);
  std::ofstream(ca_file_) << other.certificate_pem();
  start(serve(1));
  EXPECT_THAT(fetch_once(), HasSubstr("certificate verify failed: "));
}

TEST_F(UpstreamTlsTest, AcceptsAnythingWhenVerificationIsOff) {
  use_certificate("DNS:other.test", -1);
  auto options = trusting();
  options.verify = false;
  make_client(options);
  start(serve(1));
  EXPECT_EQ(fetch_once(), "200 secret");
}

TEST_F(UpstreamTlsTest, ResumesTheSessionOnTheNextConnection) {
  for (int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    SSL_CTX_set_max_proto_version(context_->native_handle(), version);
    make_client(trusting());
    for (bool expected : {false, true}) {
      start(serve(1));
      EXPECT_EQ(fetch_once(), "200 secret");
      EXPECT_EQ(reused_, expected) << version;
      auto gone = [&]() -> aw<> {
        while (client->idle_connections() > 0) co_await turns(1);
      };
      run(gone());
    }
    EXPECT_EQ(client->connects(), 2u);
  }
}

TEST_F(UpstreamTlsTest, SaysWhenTheCaFileIsMissing) {
  auto options = trusting();
  options.ca_file = "/nonexistent/ca.pem";
  EXPECT_THAT(check(options).error().message, HasSubstr("cannot load the CA file /nonexistent/ca.pem"));
  make_client(options);
  start(serve(1));
  EXPECT_THAT(fetch_once(), HasSubstr("cannot load the CA file"));
}

TEST_F(UpstreamTlsTest, SendsBigBodies) {
  std::string body(1 << 20, 's');
  start(serve(1));
  auto test = [&]() -> aw<> {
    auto head = "POST /x HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    std::string_view slices[] = {std::string_view(body).substr(0, 100), std::string_view(body).substr(100)};
    auto request = get();
    request.head = head;
    request.body = slices;
    auto reply = co_await client->send(request, cancel);
    EXPECT_EQ(reply->status(), 200);
    EXPECT_TRUE(last_ == head + body);
  };
  run(test());
}

TEST_F(UpstreamTlsTest, TunnelsThroughAProxy) {
  auto options = trusting();
  options.https_proxy = "http://me:p%40ss@127.0.0.1:" + std::to_string(origin.port);
  make_client(options);
  std::string connect;
  auto server = [&]() -> aw<> {
    auto plain = co_await accept();
    connect = co_await plain.request();
    co_await plain.send("HTTP/1.1 200 Connection established\r\n\r\n");
    auto peer = co_await secure(std::move(plain));
    last_ = co_await peer.request();
    co_await peer.send(ok("through"));
  };
  start(server());
  EXPECT_EQ(fetch_once(), "200 through");
  auto name = "upstream.test:" + std::to_string(origin.port);
  EXPECT_EQ(connect, "CONNECT " + name + " HTTP/1.1\r\nHost: " + name +
                         "\r\nProxy-Authorization: Basic bWU6cEBzcw==\r\n\r\n");
  EXPECT_THAT(last_, ::testing::StartsWith("GET /x HTTP/1.1\r\n"));
}

TEST_F(UpstreamTlsTest, SaysWhenTheProxyRefusesTheTunnel) {
  auto options = trusting();
  options.https_proxy = "127.0.0.1:" + std::to_string(origin.port);
  make_client(options);
  auto server = [&]() -> aw<> {
    auto plain = co_await accept();
    co_await plain.request();
    co_await plain.send("HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
  };
  start(server());
  EXPECT_THAT(fetch_once(), HasSubstr("the proxy 127.0.0.1 refused the tunnel to upstream.test"));
}

TEST_F(UpstreamTlsTest, CancelDuringTheHandshake) {
  auto server = [&]() -> aw<> {
    auto plain = co_await accept();
    char byte;
    co_await plain.stream().async_read_some(asio::buffer(&byte, 1), tuple_aw);
    cancel.cancel(CancelReason::client_gone);
    co_await turns(10);
  };
  start(server());
  EXPECT_EQ(fetch_once(), "the client went away");
}

} // namespace
} // namespace switchyard::http::upstream
