// The AWS event stream splitter: a recorded message, every split, exceptions, and what is broken.
#include <switchyard/event_stream.hpp>

#include <gtest/gtest.h>
#include <zlib.h>

#include <memory>
#include <vector>

namespace switchyard {
namespace {

std::string number(std::uint32_t value) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
  return out;
}

std::uint32_t sum(std::string_view text) {
  return crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), text.size());
}

std::string header(std::string_view name, std::string_view value) {
  std::string out(1, static_cast<char>(name.size()));
  out.append(name) += '\7';
  out += static_cast<char>(value.size() >> 8);
  return (out += static_cast<char>(value.size())).append(value);
}

std::string message(std::string_view headers, std::string_view payload) {
  auto out = number(16 + headers.size() + payload.size()) + number(headers.size());
  out += number(sum(out));
  out.append(headers).append(payload);
  return out += number(sum(out));
}

std::string event(std::string_view type, std::string_view payload) {
  return message(header(":message-type", "event") + header(":event-type", type), payload);
}

/// "event|data" per frame, "!" before exceptions, and the error at the end. Every feed dies before the next
/// one.
std::string frames(std::string_view bytes, std::size_t step) {
  std::string out;
  EventStreamSplitter splitter(1000);
  EventStreamSplitter::Frame frame;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    auto piece = std::make_unique<std::string>(bytes.substr(at, step));
    if (!splitter.feed(*piece)) break;
    while (splitter.next(frame))
      out.append(frame.is_exception ? "!" : "").append(frame.event).append("|").append(frame.data) += '\n';
  }
  if (splitter.error()) return out + splitter.error()->message;
  return out + (splitter.partial() ? "cut off" : "");
}

TEST(EventStream, ReadsEverySplit) {
  using namespace std::string_literals;
  auto other_types =
      "\1a\0\1b\1\1c\2x\1d\3xx\1e\4xxxx\1f\5xxxxxxxx\1g\6\0\2xx\1h\10xxxxxxxx\1i\11xxxxxxxxxxxxxxxx"s;
  auto bytes =
      event("messageStart", R"({"role":"assistant"})") + message("", "") +
      message(other_types + header(":event-type", "chunk"), "x") + event("big", std::string(300, 'y')) +
      message(header(":message-type", "exception") + header(":exception-type", "throttlingException"), "{}") +
      message(header(":message-type", "error") + header(":error-code", "500") +
                  header(":error-message", "down"),
              "");
  auto expected = "messageStart|{\"role\":\"assistant\"}\n|\nchunk|x\nbig|" + std::string(300, 'y') +
                  "\n!throttlingException|{}\n!500|down\n";
  for (std::size_t step = 1; step <= bytes.size(); ++step) ASSERT_EQ(frames(bytes, step), expected) << step;
  for (std::size_t cut = 0; cut < bytes.size(); ++cut) { // two feeds, and an end inside a message
    EventStreamSplitter splitter;
    EventStreamSplitter::Frame frame;
    ASSERT_TRUE(splitter.feed(std::string_view(bytes).substr(0, cut)));
    int count = 0;
    while (splitter.next(frame)) ++count;
    ASSERT_TRUE(splitter.feed(std::string_view(bytes).substr(cut)));
    while (splitter.next(frame)) ++count;
    ASSERT_EQ(count, 6) << cut;
  }
  EXPECT_EQ(frames(bytes.substr(0, bytes.size() - 1), 7),
            expected.substr(0, expected.size() - 10) + "cut off");
}

TEST(EventStream, ReadsARecordedMessage) { // of Bedrock, as dd-trace-py recorded it
  using namespace std::string_literals;
  auto bytes =
      "\0\0\0\xd8\0\0\0\x57\x29\xa8\x2f\xa6\x0b:event-type\7\0\x11"
      "contentBlockDelta\r:content-type\7\0\x10"
      "application/json\r:message-type\7\0\5event"
      "{\"contentBlockIndex\":0,\"delta\":{\"text\":\"Okay\"},\"p\":\"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLM"
      "NOPQRSTUVWXYZ0123456\"}\x2f\x61\xc9\x56"s;
  EXPECT_EQ(frames(bytes, bytes.size()), "contentBlockDelta|" + bytes.substr(99, 113) + "\n");
}

TEST(EventStream, SaysWhatIsBroken) {
  auto good = event("a", "1"), bad = good, twice = number(16) + number(1), huge = number(2000) + number(0);
  for (std::size_t at = 0; at < good.size(); ++at) { // no flipped bit gets through, what came before does
    auto broken = good + good;
    broken[good.size() + at] ^= 4;
    ASSERT_TRUE(frames(broken, 5).starts_with("a|1\nthe upstream's event stream is broken: the checksum"))
        << at;
  }
  EXPECT_NE(frames(twice + number(sum(twice)) + number(0), 3).find("contradict"), std::string::npos);
  EXPECT_NE(frames(huge + number(sum(huge)), 3).find("larger than 1000"), std::string::npos);
  for (std::string_view headers : {"\1", "\1a", "\1a\7", "\1a\7\0", "\1a\4xxx", "\1a\12", "\1a\7\1\1x"})
    EXPECT_NE(frames(message(headers, ""), 99).find("headers are malformed"), std::string::npos) << headers;
}

} // namespace
} // namespace switchyard
