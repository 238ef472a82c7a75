// ChunkedDecoder: every split of a good body, tables of bad ones, caps.
#include "http/chunked.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace switchyard::http {
namespace {

using Status = ChunkedDecoder::Status;

struct Decoded {
  std::string data, rest;
  Status status = Status::more;
};

Decoded decode(const std::vector<std::string_view>& pieces) {
  Decoded out;
  ChunkedDecoder decoder;
  for (auto piece : pieces) {
    while (out.status != Status::done && out.status != Status::malformed) {
      std::string_view data;
      out.status = decoder.next(piece, data);
      if (out.status != Status::data) break;
      out.data += data;
    }
    out.rest += piece;
    if (out.status == Status::data) out.status = Status::more;
  }
  return out;
}

constexpr std::string_view k_body =
    "5;name=\"v\"\r\nhello\r\n00A\r\n 123456789\r\n0\r\nTrailer: x\r\n\r\nNEXT";

TEST(Chunked, DecodesAtEverySplit) {
  for (std::size_t first = 0; first <= k_body.size() - 4; ++first)
    for (std::size_t second = first; second <= k_body.size() - 4; ++second) {
      auto out =
          decode({k_body.substr(0, first), k_body.substr(first, second - first), k_body.substr(second)});
      ASSERT_EQ(out.status, Status::done) << first << " " << second;
      ASSERT_EQ(out.data, "hello 123456789");
      ASSERT_EQ(out.rest, "NEXT");
    }
}

TEST(Chunked, DecodesByteByByte) {
  std::vector<std::string_view> bytes;
  for (std::size_t i = 0; i < k_body.size(); ++i) bytes.push_back(k_body.substr(i, 1));
  auto out = decode(bytes);
  EXPECT_EQ(out.status, Status::done);
  EXPECT_EQ(out.data, "hello 123456789");
}

TEST(Chunked, RefusesWhatIsNotStrict) {
  for (std::string_view bad : {"\r\n",
                               ";x\r\n",
                               "0x5\r\nhello\r\n0\r\n\r\n",
                               "5\nhello\r\n0\r\n\r\n",
                               "5\r\nhello\n0\r\n\r\n",
                               "5\r\nhello0\r\n\r\n",
                               "5 \r\nhello\r\n0\r\n\r\n",
                               " 5\r\nhello\r\n",
                               "-5\r\nhello\r\n",
                               "+5\r\nhello\r\n",
                               "5\r\rhello",
                               "g\r\n",
                               "fffffffffffffffff\r\n",
                               "100000000000000000\r\n",
                               "0\r\n\n",
                               "0\r\n\r\r",
                               "0\r\nTrailer: a\nb\r\n\r\n",
                               "0\r\n folded\r\n\r\n",
                               "5;a\nb\r\nhello",
                               "5;\x01\r\nhello"})
    EXPECT_EQ(decode({bad}).status, Status::malformed) << bad;
}

TEST(Chunked, StaysMalformed) {
  ChunkedDecoder decoder;
  std::string_view bad = "x", good = "0\r\n\r\n", data;
  EXPECT_EQ(decoder.next(bad, data), Status::malformed);
  EXPECT_EQ(decoder.next(good, data), Status::malformed);
}

TEST(Chunked, CapsExtensionsOfTheWholeBody) {
  std::string body;
  for (int i = 0; i < 10; ++i) body += "1;" + std::string(500, 'e') + "\r\nx\r\n";
  EXPECT_EQ(decode({body}).status, Status::malformed);
  EXPECT_EQ(decode({"1;" + std::string(4000, 'e') + "\r\nx\r\n0\r\n\r\n"}).status, Status::done);
}

TEST(Chunked, CapsTrailers) {
  std::string body = "0\r\n";
  for (int i = 0; i < 100; ++i) body += "T: " + std::string(100, 't') + "\r\n";
  EXPECT_EQ(decode({body + "\r\n"}).status, Status::malformed);
}

TEST(Chunked, TruncatedBodyWantsMore) {
  for (std::size_t size = 0; size + 4 < k_body.size(); ++size)
    EXPECT_EQ(decode({k_body.substr(0, size)}).status, Status::more) << size;
}

} // namespace
} // namespace switchyard::http
