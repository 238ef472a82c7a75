// Framing of upstream replies: lengths, chunks, interim replies, ends of connection, caps; through real
// sockets.
#include "unit/http/upstream/fixture.hpp"

#include <gmock/gmock.h>

namespace switchyard::http::upstream {
namespace {

using ::testing::HasSubstr;

class UpstreamFramingTest : public UpstreamTest {
 protected:
  /// One connection, one request; the reply goes out in the given pieces, each after the client had time to
  /// read.
  aw<> serve(std::vector<std::string> pieces, bool reset = false) {
    auto peer = co_await accept();
    co_await peer.request();
    peer.stream().set_option(tcp::no_delay(true));
    for (auto& piece : pieces) {
      co_await peer.send(piece);
      co_await turns(4);
    }
    if (reset) peer.reset();
  }
  std::string fetch_from(std::vector<std::string> pieces, bool reset = false) {
    client.reset();
    make_client({});
    start(serve(std::move(pieces), reset));
    std::string result;
    auto test = [&]() -> aw<> { result = co_await fetch(); };
    run(test());
    return result;
  }
  /// The same reply read piece by piece.
  std::string stream_from(std::vector<std::string> pieces) {
    client.reset();
    make_client({});
    start(serve(std::move(pieces)));
    std::string result;
    auto test = [&]() -> aw<> {
      auto request = get();
      auto reply = co_await client->send(request, cancel);
      for (;;) {
        auto piece = co_await settled(reply->read(cancel));
        if (!piece) result += "!" + piece.error().message;
        if (!piece || piece->empty()) break;
        result += *piece;
      }
    };
    run(test());
    return result;
  }
};

constexpr std::string_view k_chunked =
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    "5;name=\"value\"\r\nhello\r\n1\r\n \r\n05\r\nworld\r\n0\r\nTrailer: x\r\n\r\n";

TEST_F(UpstreamFramingTest, ChunkedBodiesSurviveEverySplit) {
  for (std::size_t at = 1; at < k_chunked.size(); ++at) {
    std::vector<std::string> pieces{std::string(k_chunked.substr(0, at)), std::string(k_chunked.substr(at))};
    EXPECT_EQ(fetch_from(pieces), "200 hello world") << at;
    EXPECT_EQ(client->idle_connections(), 1u) << at;
    EXPECT_EQ(stream_from(pieces), "hello world") << at;
    EXPECT_EQ(client->idle_connections(), 1u) << at;
  }
}

TEST_F(UpstreamFramingTest, LengthBodiesSurviveEverySplit) {
  auto text = ok("hello");
  for (std::size_t at = 1; at < text.size(); ++at) {
    EXPECT_EQ(fetch_from({text.substr(0, at), text.substr(at)}), "200 hello") << at;
    EXPECT_EQ(client->idle_connections(), 1u) << at;
  }
}

TEST_F(UpstreamFramingTest, InterimRepliesAreSkipped) {
  EXPECT_EQ(
      fetch_from({"HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + ok("x")}),
      "200 x");
  std::string many;
  for (int i = 0; i < 11; ++i) many += "HTTP/1.1 102 Processing\r\n\r\n";
  EXPECT_THAT(fetch_from({many + ok("x")}), HasSubstr("unexpected interim replies"));
  EXPECT_THAT(fetch_from({"HTTP/1.1 101 Switching Protocols\r\n\r\n"}),
              HasSubstr("unexpected interim replies"));
}

TEST_F(UpstreamFramingTest, BodiesMayEndWithTheConnection) {
  EXPECT_EQ(fetch_from({"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", "<html>", "</html>"}),
            "200 <html></html>");
  EXPECT_EQ(client->idle_connections(), 0u);
  EXPECT_EQ(stream_from({"HTTP/1.0 200 OK\r\n\r\nabc", "def"}), "abcdef");
}

TEST_F(UpstreamFramingTest, RepliesWithoutABody) {
  EXPECT_EQ(fetch_from({"HTTP/1.1 204 No Content\r\n\r\n"}), "204 ");
  EXPECT_EQ(client->idle_connections(), 1u);
  EXPECT_EQ(fetch_from({"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n"}), "304 ");
  EXPECT_EQ(client->idle_connections(), 1u);
}

TEST_F(UpstreamFramingTest, HeadRequestsGetNoBody) {
  start(serve({"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"}));
  auto test = [&]() -> aw<> {
    auto request = get();
    request.head = "HEAD /x HTTP/1.1\r\n\r\n";
    auto reply = co_await client->send(request, cancel);
    auto body = co_await settled(reply->read_all(10, cancel));
    EXPECT_EQ(*body, "");
    EXPECT_EQ(reply->content_length(), 9u);
  };
  run(test());
  EXPECT_EQ(client->idle_connections(), 1u);
}

TEST_F(UpstreamFramingTest, CutBodiesAreErrors) {
  auto cut = "closed in the middle of the reply";
  EXPECT_THAT(fetch_from({"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"}), HasSubstr(cut));
  EXPECT_THAT(fetch_from({"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel"}), HasSubstr(cut));
  EXPECT_THAT(stream_from({"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"}), HasSubstr(cut));
  EXPECT_THAT(fetch_from({"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"}, true),
              HasSubstr("reset by peer"));
  EXPECT_THAT(fetch_from({"HTTP/1.1 200 OK\r\n\r\nabc"}, true), HasSubstr("reset by peer"));
  EXPECT_THAT(fetch_from({"HTTP/1.1 200"}), HasSubstr("closed before the reply"));
}

TEST_F(UpstreamFramingTest, GarbageIsRefused) {
  auto chunked = [](std::string body) {
    return "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body;
  };
  for (auto body : {"x\r\n", "5\r\nhelloX\r\n", "-1\r\n", "fffffffffffffffff\r\n", "5\nhello\r\n", "\r\n"})
    EXPECT_THAT(fetch_from({chunked(body)}), HasSubstr("broken chunks")) << body;
  EXPECT_THAT(fetch_from({"SSH-2.0-OpenSSH_9.2\r\n"}), HasSubstr("not an HTTP/1 reply"));
  EXPECT_THAT(fetch_from({"HTTP/1.1 200 OK\n\n"}), HasSubstr("LF alone"));
}

TEST_F(UpstreamFramingTest, BigBodiesGrowTheBufferAndGiveItBack) {
  std::string body(300'000, 'b');
  auto server = [&]() -> aw<> {
    auto peer = co_await accept();
    for (int i = 0; i < 2; ++i) {
      co_await peer.request();
      co_await peer.send(ok(body));
    }
  };
  start(server());
  auto test = [&]() -> aw<> {
    for (int i = 0; i < 2; ++i) {
      auto request = get();
      auto reply = co_await client->send(request, cancel);
      auto whole = co_await settled(reply->read_all(1 << 20, cancel));
      EXPECT_TRUE(*whole == body);
      EXPECT_GE(limits.buffered_bytes.load(), body.size());
      *reply = Reply();
    }
  };
  run(test());
  EXPECT_EQ(client->idle_connections(), 1u);
  EXPECT_EQ(limits.buffered_bytes.load(), 0u);
}

TEST_F(UpstreamFramingTest, CapsHold) {
  limits.max_buffered_bytes = 100'000;
  EXPECT_THAT(fetch_from({ok(std::string(300'000, 'b'))}), HasSubstr("memory cap"));
  EXPECT_EQ(limits.buffered_bytes.load(), 0u);
  EXPECT_THAT(fetch_from({"HTTP/1.1 200 OK\r\nContent-Length: 1048577\r\n\r\n"}),
              HasSubstr("larger than 1048576"));
  limits.max_buffered_bytes = 100'000'000;
  EXPECT_THAT(fetch_from({"HTTP/1.1 200 OK\r\n\r\n" + std::string(1'100'000, 'b')}),
              HasSubstr("larger than"));
  EXPECT_THAT(fetch_from({"HTTP/1.1 200 OK\r\nX: " + std::string(300'000, 'b')}),
              HasSubstr("head is too large"));
}

TEST_F(UpstreamFramingTest, LongHeadsAreRead) {
  EXPECT_EQ(
      fetch_from({"HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'b') + "\r\nContent-Length: 1\r\n\r\nx"}),
      "200 x");
}

} // namespace
} // namespace switchyard::http::upstream
