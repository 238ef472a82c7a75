// The reply head parser: what is tolerated, what is refused, and how the body's end is decided.
#include "http/upstream/reply_head.hpp"

#include <gtest/gtest.h>

namespace switchyard::http::upstream {
namespace {

/// "" or the reason of the refusal.
std::string refusal(std::string_view text, bool to_head = false) {
  std::size_t line = 0;
  auto size = find_reply_head(text, line);
  if (!size) return size.error().message;
  if (*size == 0) return "incomplete";
  ReplyHead head;
  auto parsed = parse_reply_head(text.substr(0, *size), to_head, head);
  return parsed ? "" : parsed.error().message;
}

ReplyHead parse(std::string_view text, bool to_head = false) {
  ReplyHead head;
  EXPECT_TRUE(parse_reply_head(text, to_head, head)) << text;
  return head;
}

TEST(ReplyHead, ToleratesRealUpstreams) {
  for (auto text : {"HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200\r\n\r\n", "HTTP/1.1 200 \r\n\r\n",
                    "HTTP/1.1  200  OK\r\n\r\n", "HTTP/1.0 200 OK\r\n\r\n", "HTTP/1.1 999 Denied\r\n\r\n",
                    "HTTP/1.1 200 \xC3\xA9\r\n\r\n", "HTTP/1.1 200 OK\r\nX:\r\n\r\n",
                    "HTTP/1.1 200 OK\r\nx-y:  a b \t\r\n\r\n",
                    "HTTP/1.1 200 OK\r\ncontent-length: 3\r\nContent-Length: 3\r\n\r\n"})
    EXPECT_EQ(refusal(text), "") << text;
}

struct Refused {
  const char *text, *reason;
};

TEST(ReplyHead, RefusesWhatIsMalformed) {
  constexpr Refused k_cases[] = {
      {"HTTP/2.0 200 OK\r\n\r\n", "not an HTTP/1 reply"},
      {"HTTP/1.2 200 OK\r\n\r\n", "unknown HTTP version"},
      {"HTTP/1.10 200 OK\r\n\r\n", "bad status line"},
      {"HTTP/1.1\r\n\r\n", "bad status line"},
      {"HTTP/1.1 \r\n\r\n", "bad status code"},
      {"HTTP/1.1 20\r\n\r\n", "bad status code"},
      {"HTTP/1.1 2000 OK\r\n\r\n", "bad status code"},
      {"HTTP/1.1 099 OK\r\n\r\n", "bad status code"},
      {"HTTP/1.1 -20 OK\r\n\r\n", "bad status code"},
      {"HTTP/1.1 200 O\x01K\r\n\r\n", "control character in the status line"},
      {"\r\nHTTP/1.1 200 OK\r\n\r\n", "not an HTTP/1 reply"},
      {"HTTP/1.1 200 OK\nX: y\n\n", "line ends with LF alone"},
      {"HTTP/1.1 200 OK\r\nX: y\n\r\n", "line ends with LF alone"},
      {"HTTP/1.1 200 OK\r\nX: y\r\n folded\r\n\r\n", "folded header line"},
      {"HTTP/1.1 200 OK\r\nX : y\r\n\r\n", "bad header name"},
      {"HTTP/1.1 200 OK\r\n: y\r\n\r\n", "bad header name"},
      {"HTTP/1.1 200 OK\r\nX\r\n\r\n", "bad header name"},
      {"HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n", "control character in a header"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n",
       "Content-Length twice with different values"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\n", "bad Content-Length"},
      {"HTTP/1.1 200 OK\r\nContent-Length: +3\r\n\r\n", "bad Content-Length"},
      {"HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\n", "bad Content-Length"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 0x3\r\n\r\n", "bad Content-Length"},
      {"HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", "bad Content-Length"},
      {"HTTP/1.1 200 OK\r\nContent-Length: 18446744073709551616\r\n\r\n", "bad Content-Length"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "Transfer-Encoding other than chunked"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: xchunked\r\n\r\n", "Transfer-Encoding other than chunked"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n",
       "Transfer-Encoding other than chunked"},
      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n",
       "Transfer-Encoding and Content-Length together"},
      {"HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "Transfer-Encoding in HTTP/1.0"},
  };
  for (auto& row : k_cases)
    EXPECT_EQ(refusal(row.text), std::string("malformed reply: ") + row.reason) << row.text;
}

TEST(ReplyHead, DecidesTheFraming) {
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").framing, Framing::length);
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").framing, Framing::none);
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n").framing, Framing::chunked);
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\n\r\n").framing, Framing::until_close);
  EXPECT_EQ(parse("HTTP/1.1 204 No\r\n\r\n").framing, Framing::none);
  EXPECT_EQ(parse("HTTP/1.1 304 No\r\nContent-Length: 5\r\n\r\n").framing, Framing::none);
  EXPECT_EQ(parse("HTTP/1.1 100 Go\r\n\r\n").framing, Framing::none);
  EXPECT_EQ(parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", true).framing, Framing::none);
}

TEST(ReplyHead, DecidesWhetherTheConnectionLives) {
  EXPECT_TRUE(parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n").keep_alive);
  EXPECT_FALSE(parse("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nConnection: foo, Close\r\n\r\n").keep_alive);
  EXPECT_FALSE(parse("HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n").keep_alive);
  EXPECT_TRUE(parse("HTTP/1.0 200 OK\r\nContent-Length: 5\r\nConnection: keep-alive\r\n\r\n").keep_alive);
  EXPECT_FALSE(parse("HTTP/1.1 200 OK\r\n\r\n").keep_alive);
}

TEST(ReplyHead, FindsTheEndAtEverySplit) {
  std::string_view text = "HTTP/1.1 200 OK\r\nX: y\r\n\r\nbody\r\n\r\n";
  auto end = text.find("body");
  std::size_t line = 0;
  for (std::size_t size = 0; size < end; ++size)
    EXPECT_EQ(*find_reply_head(text.substr(0, size), line), 0u) << size;
  EXPECT_EQ(*find_reply_head(text, line), end);
}

} // namespace
} // namespace switchyard::http::upstream
