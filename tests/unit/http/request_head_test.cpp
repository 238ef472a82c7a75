// Request heads: what is taken, what is refused, and every split.
#include "http/request_head.hpp"

#include <gtest/gtest.h>

#include <string>

namespace switchyard::http {
namespace {

std::string_view parse(std::string_view text, RequestHead& head) {
  HeadScanner scanner;
  auto state = scanner.scan(text);
  if (state == HeadScanner::State::malformed) return "malformed";
  if (state == HeadScanner::State::partial) return "partial";
  return parse_request_head(text.substr(0, scanner.size()), head);
}

TEST(RequestHead, ReadsAnOrdinaryRequest) {
  RequestHead head;
  std::string text = "POST /v1/chat/completions?a=1&b=%20 HTTP/1.1\r\nHost: gateway:4000\r\n"
                     "Authorization:\tBearer sk-1 \r\nContent-Length: 12\r\nX-Empty:\r\n\r\n{\"rest\":1}";
  ASSERT_EQ(parse(text, head), "");
  EXPECT_EQ(head.method, "POST");
  EXPECT_EQ(head.path, "/v1/chat/completions");
  EXPECT_EQ(head.query, "a=1&b=%20");
  EXPECT_EQ(head.find("AUTHORIZATION"), "Bearer sk-1");
  EXPECT_TRUE(head.has("x-empty"));
  EXPECT_EQ(head.find("x-empty"), "");
  EXPECT_FALSE(head.has("x-none"));
  EXPECT_EQ(head.content_length, 12u);
  EXPECT_TRUE(head.keep_alive);
  EXPECT_FALSE(head.http_1_0);
  EXPECT_FALSE(head.chunked);
}

TEST(RequestHead, ScannerFindsTheEndAtEverySplit) {
  std::string text = "GET /a HTTP/1.1\r\nHost: x\r\nA: b\r\n\r\nGET /next";
  auto size = text.find("GET /next");
  for (std::size_t split = 0; split <= size; ++split) {
    HeadScanner scanner;
    if (split < size) {
      ASSERT_EQ(scanner.scan(std::string_view(text).substr(0, split)), HeadScanner::State::partial) << split;
    }
    ASSERT_EQ(scanner.scan(text), HeadScanner::State::complete) << split;
    EXPECT_EQ(scanner.size(), size);
  }
  HeadScanner bytewise;
  for (std::size_t n = 0; n < size; ++n)
    ASSERT_EQ(bytewise.scan(std::string_view(text).substr(0, n)), HeadScanner::State::partial);
  EXPECT_EQ(bytewise.scan(std::string_view(text).substr(0, size)), HeadScanner::State::complete);
}

TEST(RequestHead, TargetForms) {
  struct Row {
    const char *line, *path, *query;
  };
  for (auto& row : {Row{"GET http://host:80/p?q HTTP/1.1", "/p", "q"}, Row{"GET HTTPS://h HTTP/1.1", "/", ""},
                    Row{"GET http://h?q HTTP/1.1", "/", "q"}, Row{"OPTIONS * HTTP/1.1", "*", ""},
                    Row{"GET //double HTTP/1.1", "//double", ""}, Row{"GET /? HTTP/1.1", "/", ""}}) {
    RequestHead head;
    auto text = std::string(row.line) + "\r\nHost: h\r\n\r\n"; // the head holds views into it
    EXPECT_EQ(parse(text, head), "") << row.line;
    EXPECT_EQ(head.path, row.path);
    EXPECT_EQ(head.query, row.query);
  }
}

TEST(RequestHead, ConnectionOptions) {
  struct Row {
    const char* text;
    bool keep;
  };
  for (auto& row :
       {Row{"GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n", false},
        Row{"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade, Close\r\n\r\n", false},
        Row{"GET / HTTP/1.1\r\nHost: h\r\nConnection: keep-alive\r\n\r\n", true},
        Row{"GET / HTTP/1.0\r\n\r\n", false}, Row{"GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n", true},
        Row{"GET / HTTP/1.0\r\nConnection: close, keep-alive\r\n\r\n", false}}) {
    RequestHead head;
    EXPECT_EQ(parse(row.text, head), "") << row.text;
    EXPECT_EQ(head.keep_alive, row.keep) << row.text;
  }
}

TEST(RequestHead, ExpectAndChunked) {
  RequestHead head;
  EXPECT_EQ(
      parse("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\nTransfer-Encoding: Chunked\r\n\r\n", head),
      "");
  EXPECT_TRUE(head.expect_continue);
  EXPECT_TRUE(head.chunked);
  EXPECT_EQ(parse("POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n", head), "");
  EXPECT_FALSE(head.expect_continue);
}

/// Header lines behind a good request line with Host; every one must be refused.
constexpr std::string_view k_bad_lines[] = {
    "Transfer-Encoding: xchunked",
    "Transfer-Encoding: \"chunked\"",
    "Transfer-Encoding: chunked, identity",
    "Transfer-Encoding: chunked, chunked",
    "Transfer-Encoding: gzip, chunked",
    "Transfer-Encoding: identity",
    "Transfer-Encoding: chunked;q=1",
    "Transfer-Encoding:",
    "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked",
    "Transfer-Encoding: chunked\r\nContent-Length: 3",
    "Content-Length: 3\r\nTransfer-Encoding: chunked",
    "Content-Length: 3, 3",
    "Content-Length: 3\r\nContent-Length: 3",
    "Content-Length: 3\r\nContent-Length: 4",
    "Content-Length: +3",
    "Content-Length: -3",
    "Content-Length: 0x3",
    "Content-Length: 3 3",
    "Content-Length: 3.0",
    "Content-Length:",
    "Content-Length: 99999999999999999999",
    "Content-Length: 18446744073709551616",
    "Host: second",
    "Transfer-Encoding : chunked",
    "Name : space before the colon",
    ": empty name",
    "No colon",
    " folded: first line",
    "Folded: a\r\n b",
    "Folded: a\r\n\tb",
    "Bad\x01name: x",
    "Bad(name): x",
    "Ctl: a\x01z",
    "Ctl: a\x7fz",
    "Bare: a\rb",
    "Name\xc3\xa9: not ASCII",
};

TEST(RequestHead, RefusesBadHeaderLines) {
  for (auto line : k_bad_lines) {
    RequestHead head;
    auto text = "POST / HTTP/1.1\r\nHost: h\r\n" + std::string(line) + "\r\n\r\n";
    EXPECT_NE(parse(text, head), "") << line;
  }
}

constexpr std::string_view k_bad_heads[] = {
    "GET / HTTP/1.1\r\n\r\n",                               // no Host
    "GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", // TE in 1.0
    "get / HTTP/1.1\r\nHost: h\r\n\r\n",
    "GeT / HTTP/1.1\r\nHost: h\r\n\r\n",
    "G@T / HTTP/1.1\r\nHost: h\r\n\r\n",
    "VERYLONGMETHODNAMEABCDEF / HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET  / HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET /a b HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET /\x01 HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET /\xff HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET /#part HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET relative HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET * HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET http:///p HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET http://user@h/p HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET ftp://h/p HTTP/1.1\r\nHost: h\r\n\r\n",
    "CONNECT h:443 HTTP/1.1\r\nHost: h\r\n\r\n",
    "GET / HTTP/2.0\r\nHost: h\r\n\r\n",
    "GET / HTTP/1.2\r\nHost: h\r\n\r\n",
    "GET / HTTP/1.10\r\nHost: h\r\n\r\n",
    "GET / http/1.1\r\nHost: h\r\n\r\n",
    "GET / HTTP/1.1 \r\nHost: h\r\n\r\n",
    "GET / \r\n\r\n",
    "GET /\r\n\r\n",
    "GET\r\n\r\n",
    "G\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a,b\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: a b\r\n\r\n",
    "GET / HTTP/1.1\nHost: h\n\n",
    "GET / HTTP/1.1\r\nHost: h\n\r\n",
    "\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
    " GET / HTTP/1.1\r\nHost: h\r\n\r\n",
    "\x16\x03\x01\x02",
};

TEST(RequestHead, RefusesBadHeads) {
  for (auto text : k_bad_heads) {
    RequestHead head;
    auto reason = parse(text, head);
    EXPECT_NE(reason, "") << text;
    EXPECT_NE(reason, "partial") << text;
  }
}

TEST(RequestHead, RefusesNulAnywhere) {
  std::string text = "GET /a HTTP/1.1\r\nHost: h\r\nA: b\r\n\r\n";
  for (std::size_t at = 0; at + 2 < text.size(); ++at) {
    auto bad = text;
    bad[at] = '\0';
    RequestHead head;
    EXPECT_NE(parse(bad, head), "") << at;
  }
}

TEST(RequestHead, CapsTheNumberOfHeaders) {
  std::string text = "GET / HTTP/1.1\r\nHost: h\r\n";
  for (std::size_t i = 1; i < k_max_headers; ++i) text += "A: b\r\n";
  RequestHead head;
  EXPECT_EQ(parse(text + "\r\n", head), "");
  EXPECT_EQ(head.headers.size(), k_max_headers);
  EXPECT_NE(parse(text + "A: b\r\n\r\n", head), "");
}

TEST(RequestHead, ValuesMayHoldBytesAboveAscii) {
  RequestHead head;
  EXPECT_EQ(parse("GET / HTTP/1.1\r\nHost: h\r\nX: gr\xc3\xbc\xc3\x9f\r\n\r\n", head), "");
  EXPECT_EQ(head.find("x"), "gr\xc3\xbc\xc3\x9f");
}

} // namespace
} // namespace switchyard::http
