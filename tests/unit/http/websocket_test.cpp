// Framing of RFC 6455: what a relay passes on, and what it must refuse.
#include "http/websocket.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace switchyard::http::ws {
namespace {

using namespace std::string_literals;
using Status = FrameReader::Status;

constexpr Mask k_none{}, k_mask{0x37, 0xfa, 0x21, 0x3d};

/// What a reader makes of the bytes, `split` of them at a time, as the frames of a writer.
struct Passed {
  std::string out;
  int pieces = 0;
  Status status = Status::more;
  Code code = k_normal;
};
Passed pass(std::string_view bytes, Sender from, std::size_t split, std::uint64_t max = 1 << 20) {
  FrameReader reader(from, max);
  FrameWriter writer;
  Passed passed;
  while (!bytes.empty() && passed.status != Status::failed) {
    auto part = bytes.substr(0, split);
    bytes.remove_prefix(part.size());
    Piece piece;
    while ((passed.status = reader.next(part, piece)) == Status::piece) {
      writer.append(passed.out, piece, k_none);
      ++passed.pieces;
    }
  }
  passed.code = reader.code();
  return passed;
}

std::string frame(Opcode opcode, std::string_view payload, const Mask& mask = k_none) {
  std::string out;
  append_frame(out, opcode, payload, mask);
  return out;
}

// -- RFC 6455 5.7

TEST(WebSocket, WritesTheExamplesOfTheRfc) {
  EXPECT_EQ(frame(Opcode::text, "Hello"), "\x81\x05Hello");
  EXPECT_EQ(frame(Opcode::text, "Hello", k_mask), "\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58");
  EXPECT_EQ(frame(Opcode::ping, "Hello"), "\x89\x05Hello");
  EXPECT_EQ(frame(Opcode::binary, std::string(256, 'x')).substr(0, 4), "\x82\x7e\x01\x00"s);
  EXPECT_EQ(frame(Opcode::binary, std::string(65536, 'x')).substr(0, 10), "\x82\x7f\0\0\0\0\0\x01\0\0"s);
}

TEST(WebSocket, AcceptKeyOfTheRfc) {
  EXPECT_EQ(accept_key("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocket, FramesPassUnchangedHoweverTheyAreSplit) {
  for (std::size_t size : {0, 1, 125, 126, 127, 65535, 65536}) {
    const auto sent = frame(Opcode::text, std::string(size, 'a')) +
                      "\x01\x03"
                      "abc"s +
                      frame(Opcode::ping, "p") +
                      "\x80\x01"
                      "d"s +
                      frame(Opcode::close, close_payload(1000, "bye"));
    for (std::size_t split : {std::size_t{1}, std::size_t{7}, sent.size()}) {
      const auto passed = pass(sent, Sender::server, split);
      EXPECT_EQ(passed.out, sent) << size << " by " << split;
      EXPECT_EQ(passed.status, Status::more);
    }
  }
}

TEST(WebSocket, TakesTheMaskOffAndLaysAnotherOn) {
  const std::string text(1000, 'q');
  const auto masked = frame(Opcode::text, text, k_mask);
  for (std::size_t split : {1u, 3u, 2000u})
    EXPECT_EQ(pass(masked, Sender::client, split).out, frame(Opcode::text, text));
  FrameReader reader(Sender::client, 1 << 20);
  FrameWriter writer;
  std::string out;
  for (std::string_view rest = masked; !rest.empty();) {
    auto part = rest.substr(0, 5);
    rest.remove_prefix(part.size());
    Piece piece;
    while (reader.next(part, piece) == Status::piece) writer.append(out, piece, Mask{1, 2, 3, 4});
  }
  EXPECT_EQ(out, frame(Opcode::text, text, Mask{1, 2, 3, 4}));
}

TEST(WebSocket, AWriterKnowsWhenItIsWithinAFrame) {
  FrameReader reader(Sender::server, 100);
  FrameWriter writer;
  const auto sent = frame(Opcode::text, "Hello");
  std::string out;
  Piece piece;
  auto half = std::string_view(sent).substr(0, 4), rest = std::string_view(sent).substr(4);
  ASSERT_EQ(reader.next(half, piece), Status::piece);
  writer.append(out, piece, k_none);
  EXPECT_FALSE(writer.between_frames());
  ASSERT_EQ(reader.next(rest, piece), Status::piece);
  EXPECT_TRUE(piece.ends_message());
  writer.append(out, piece, k_none);
  EXPECT_TRUE(writer.between_frames());
}

TEST(WebSocket, AControlFrameIsOnePieceWithinAMessage) {
  const auto sent = "\x01\x01"
                    "a"s +
                    frame(Opcode::pong, "beat") +
                    "\x80\x01"
                    "b"s;
  FrameReader reader(Sender::server, 100);
  std::string pong;
  for (std::size_t at = 0; at < sent.size(); ++at) {
    auto byte = std::string_view(sent).substr(at, 1);
    Piece piece;
    if (reader.next(byte, piece) == Status::piece && piece.opcode == Opcode::pong) pong += piece.payload;
  }
  EXPECT_EQ(pong, "beat");
}

// -- refusals

struct Bad {
  const char* what;
  std::string bytes;
  Sender from = Sender::server;
  Code code = k_protocol_error;
};

TEST(WebSocket, RefusesWhatTheRfcForbids) {
  const std::vector<Bad> all = {
      {"reserved bit", "\xc1\x00"s},
      {"opcode 3", "\x83\x00"s},
      {"opcode 11", "\x8b\x00"s},
      {"masked by a server", frame(Opcode::text, "x", k_mask)},
      {"not masked by a client", frame(Opcode::text, "x"), Sender::client},
      {"fragmented ping", "\x09\x00"s},
      {"long ping", "\x89\x7e\x00\x7e"s},
      {"length in too many bytes", "\x81\x7e\x00\x7d"s},
      {"length in far too many bytes", "\x81\x7f\0\0\0\0\0\0\xff\xff"s},
      {"negative length", "\x81\x7f\x80\0\0\0\0\0\0\0"s},
      {"continuation of nothing", "\x80\x01"
                                  "a"s},
      {"message within a message", "\x01\x01"
                                   "a\x01\x01"
                                   "b"s},
      {"close of one byte", "\x88\x01"
                            "a"s},
      {"close with 1005", "\x88\x02\x03\xed"s},
      {"close with 999", "\x88\x02\x03\xe7"s},
      {"too big", frame(Opcode::text, std::string(101, 'a')), Sender::server, k_too_big},
      {"too big in fragments", "\x01\x40" + std::string(64, 'a') + "\x80\x40" + std::string(64, 'a'),
       Sender::server, k_too_big},
      {"announced as huge", "\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"s, Sender::server, k_too_big},
  };
  for (auto& bad : all) {
    for (std::size_t split : {std::size_t{1}, bad.bytes.size()}) {
      const auto passed = pass(bad.bytes, bad.from, split, 100);
      EXPECT_EQ(passed.status, Status::failed) << bad.what;
      EXPECT_EQ(passed.code, bad.code) << bad.what;
    }
  }
}

TEST(WebSocket, ManyMessagesOfTheLargestSizePass) {
  const auto sent = frame(Opcode::text, std::string(100, 'a')) + frame(Opcode::binary, std::string(100, 'b'));
  EXPECT_EQ(pass(sent, Sender::server, sent.size(), 100).out, sent);
}

TEST(WebSocket, NothingIsReadBehindAClose) {
  const auto close = frame(Opcode::close, close_payload(1001, ""));
  EXPECT_EQ(pass(close + "\xff\xff garbage", Sender::server, 100).out, close);
}

TEST(WebSocket, CloseCodes) {
  FrameReader reader(Sender::client, 100);
  const auto sent = frame(Opcode::close, close_payload(4001, "why"), k_mask);
  std::string_view bytes = sent;
  Piece piece;
  ASSERT_EQ(reader.next(bytes, piece), Status::piece);
  EXPECT_EQ(close_code(piece), 4001);
  EXPECT_EQ(close_payload(k_no_code, "x"), "");
  EXPECT_EQ(close_payload(1000, std::string(200, 'x')).size(), 125u);
}

} // namespace
} // namespace switchyard::http::ws
