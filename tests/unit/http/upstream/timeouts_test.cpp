// Time-outs of the upstream client on manual time, name lookups and the race of addresses.
#include "unit/http/upstream/fixture.hpp"

#include <future>

namespace switchyard::http::upstream {
namespace {

using ::testing::HasSubstr;

class UpstreamTimeoutTest : public UpstreamTest {
 protected:
  std::string name() const { return origin.host + ":" + std::to_string(origin.port); }
  ClientOptions resolving(LookupFunction lookup) {
    ClientOptions options;
    options.resolver = std::make_shared<Resolver>(std::move(lookup));
    return options;
  }
  aw<> pass_soon(Millis time) {
    co_await turns(5);
    pass(time);
  }
};

TEST_F(UpstreamTimeoutTest, ConnectCoversTheNameLookup) {
  std::promise<void> release;
  auto released = release.get_future().share();
  make_client(resolving([released](const std::string&) -> Result<Addresses> {
    released.wait();
    return Addresses{};
  }));
  origin.host = "slow.test";
  auto test = [&]() -> aw<> {
    start(pass_soon(Millis(10'010)));
    auto request = get();
    auto reply = co_await client->send(request, cancel);
    EXPECT_EQ(reply.error().code, Errc::timeout);
    EXPECT_EQ(reply.error().message, "Connection timed out after 10 s: connecting to " + name());
  };
  run(test());
  release.set_value();
}

TEST_F(UpstreamTimeoutTest, FirstByte) {
  bool closed = false;
  auto server = [&]() -> aw<> {
    auto peer = co_await accept();
    co_await peer.request();
    pass(Millis(2'510));
    closed = co_await peer.closed();
  };
  start(server());
  auto test = [&]() -> aw<> {
    auto request = get();
    request.first_byte_timeout = Millis(2'500);
    auto reply = co_await client->send(request, cancel);
    EXPECT_EQ(reply.error().code, Errc::timeout);
    EXPECT_EQ(reply.error().message, "no reply within 2.5 s from " + name());
    while (!closed) co_await turns(1);
  };
  run(test());
}

TEST_F(UpstreamTimeoutTest, FirstByteCountsFromTheLastByteOfTheRequest) {
  std::string body(10 << 20, 'x');
  auto server = [&]() -> aw<> {
    auto peer = co_await accept();
    co_await turns(10);
    pass(Millis(2'000)); // the client is still writing
    co_await peer.request();
    co_await turns(10);
    pass(Millis(2'000));
    co_await peer.send(ok("slow"));
  };
  start(server());
  auto test = [&]() -> aw<> {
    auto head = "POST /x HTTP/1.1\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n";
    std::string_view slice = body;
    auto request = get();
    request.head = head;
    request.body = {&slice, 1};
    request.first_byte_timeout = Millis(2'500);
    auto reply = co_await client->send(request, cancel);
    EXPECT_TRUE(reply) << reply.error().message;
  };
  run(test());
}

TEST_F(UpstreamTimeoutTest, FirstByteOfAStaleConnectionIsNotRetried) {
  auto server = [&]() -> aw<> {
    auto peer = co_await accept();
    co_await peer.request();
    co_await peer.send(ok("one"));
    co_await peer.request();
    pass(Millis(600'010));
  };
  start(server());
  auto test = [&]() -> aw<> {
    EXPECT_EQ(co_await fetch(), "200 one");
    EXPECT_EQ(co_await fetch(), "no reply within 600 s from " + name());
    EXPECT_EQ(client->connects(), 1u);
  };
  run(test());
}

TEST_F(UpstreamTimeoutTest, IdleInTheBody) {
  auto server = [&]() -> aw<> {
    auto peer = co_await accept();
    co_await peer.request();
    co_await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
    co_await turns(4);
    pass(Millis(900));
    co_await peer.send("def");
    co_await turns(4);
    pass(Millis(900));
    co_await turns(4);
    pass(Millis(110));
    co_await peer.closed();
  };
  start(server());
  auto test = [&]() -> aw<> {
    auto request = get();
    request.idle_timeout = Millis(1'000);
    auto reply = co_await client->send(request, cancel);
    auto body = co_await settled(reply->read_all(100, cancel));
    EXPECT_EQ(body.error().code, Errc::timeout);
    EXPECT_EQ(body.error().message, "no data within 1 s from " + name());
  };
  run(test());
}

TEST_F(UpstreamTimeoutTest, TheWholeExchange) {
  auto server = [&]() -> aw<> {
    auto peer = co_await accept();
    co_await peer.request();
    pass(Millis(3'000));
    co_await peer.send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
    co_await turns(4);
    pass(Millis(2'010));
    co_await peer.closed();
  };
  start(server());
  auto test = [&]() -> aw<> {
    auto request = get();
    request.deadline = clock.now() + Millis(5'000);
    auto reply = co_await client->send(request, cancel);
    EXPECT_EQ(reply->status(), 200);
    auto body = co_await settled(reply->read_all(100, cancel));
    EXPECT_EQ(body.error().message, "Connection timed out after 5 s: " + name() + " did not finish");
  };
  run(test());
}

TEST_F(UpstreamTimeoutTest, NoDeadlineIsLeftArmedWhileIdle) {
  auto server = [&]() -> aw<> {
    auto peer = co_await accept();
    co_await peer.request();
    co_await peer.send(ok("one"));
    co_await peer.request();
    co_await peer.send(ok("two"));
  };
  start(server());
  auto test = [&]() -> aw<> {
    EXPECT_EQ(co_await fetch(), "200 one");
    pass(Millis(59'000));
    EXPECT_EQ(co_await fetch(), "200 two");
    EXPECT_EQ(client->connects(), 1u);
  };
  run(test());
}

TEST_F(UpstreamTimeoutTest, CancelDuringTheNameLookup) {
  std::promise<void> release;
  auto released = release.get_future().share();
  make_client(resolving([released](const std::string&) -> Result<Addresses> {
    released.wait();
    return Addresses{};
  }));
  origin.host = "slow.test";
  auto cancel_soon = [&]() -> aw<> {
    co_await turns(3);
    cancel.cancel(CancelReason::client_gone);
  };
  auto test = [&]() -> aw<> {
    start(cancel_soon());
    EXPECT_EQ(co_await fetch(), "the client went away");
  };
  run(test());
  release.set_value();
}

TEST_F(UpstreamTimeoutTest, TriesTheNextAddressOnFailure) {
  make_client(resolving([](const std::string&) -> Result<Addresses> {
    return Addresses{asio::ip::make_address("127.0.0.2"), asio::ip::address_v4::loopback()};
  }));
  origin.host = "two.test";
  auto server = [&]() -> aw<> {
    auto peer = co_await accept();
    co_await peer.request();
    co_await peer.send(ok("second"));
  };
  start(server());
  auto test = [&]() -> aw<> { EXPECT_EQ(co_await fetch(), "200 second"); };
  run(test());
}

TEST_F(UpstreamTimeoutTest, TriesTheNextAddressWhenTheFirstIsSilent) {
  // A listener whose queue is full drops new connections without an answer.
  auto silent = asio::ip::make_address("127.0.0.2");
  tcp_acceptor full(shard.context);
  full.open(tcp::v4());
  full.bind({silent, origin.port});
  full.listen(0);
  std::vector<tcp_socket> fillers;
  for (int i = 0; i < 3; ++i)
    fillers.emplace_back(shard.context).async_connect({silent, origin.port}, [](error_code) {});
  make_client(resolving([silent](const std::string&) -> Result<Addresses> {
    return Addresses{silent, asio::ip::address_v4::loopback()};
  }));
  origin.host = "two.test";
  bool answered = false;
  auto server = [&]() -> aw<> {
    auto peer = co_await accept();
    co_await peer.request();
    co_await peer.send(ok("second"));
    answered = true;
  };
  auto steps = [&]() -> aw<> {
    // Two deadlines: the connect time-out and the race's next step, so the lookup is over.
    for (; !answered; co_await turns(1))
      if (shard.deadlines.size() > 1) pass(Millis(10));
  };
  start(server());
  auto test = [&]() -> aw<> {
    start(steps());
    auto before = clock.now();
    EXPECT_EQ(co_await fetch(), "200 second");
    EXPECT_GE(clock.now() - before, Millis(250));
  };
  run(test());
}

} // namespace
} // namespace switchyard::http::upstream
