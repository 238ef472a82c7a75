// Content codings: every coding round-trips in any chunking; bombs, cut-off, corrupt and trailing data are
// refused.
#include <switchyard/clock.hpp>
#include <switchyard/content_decode.hpp>

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

namespace switchyard {
namespace {

constexpr std::size_t k_cap = 1 << 20;

std::string deflate_text(std::string_view text, int window_bits) {
  z_stream z{};
  deflateInit2(&z, 9, Z_DEFLATED, window_bits, 8, Z_DEFAULT_STRATEGY);
  std::string out(deflateBound(&z, text.size()) + 64, '\0');
  z.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data())),
  z.avail_in = static_cast<uInt>(text.size());
  z.next_out = reinterpret_cast<Bytef*>(out.data()), z.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&z, Z_FINISH), Z_STREAM_END);
  out.resize(z.total_out);
  deflateEnd(&z);
  return out;
}

std::string gzip(std::string_view text) { return deflate_text(text, 15 + 16); }

std::string zstd(std::string_view text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3));
  return out;
}

// libbrotlienc is no dependency: these were made with it.
const std::string k_brotli_json("\x83\x08\x80{\"model\":\"gpt-4o\"}\x03");
const std::string k_brotli_bomb(
    "\xa3\xff\xff\x03\x40\x22\x2c\x1e\x0b\x24\xf7\xfe\xa0\xfe\xff\x0f\x80\x04\x40\x1c\x16\x80\xee\xfd\x01");

struct Outcome {
  Errc code = Errc::none;
  std::string text;
};

Outcome decode(std::string_view coding, std::string_view body, std::size_t chunk, std::size_t cap = k_cap) {
  Outcome out;
  auto decoder = ContentDecoder::make(coding);
  if (!decoder) return {decoder.error().code, {}};
  for (std::size_t at = 0; at < body.size(); at += chunk) {
    const auto fed = decoder->feed(body.substr(at, chunk), out.text, cap);
    if (!fed) return {fed.error().code, out.text};
  }
  const auto finished = decoder->finish();
  if (!finished) out.code = finished.error().code;
  return out;
}

std::string sample() {
  std::string text;
  for (int i = 0; i < 4000; ++i) text += "{\"line\":" + std::to_string(i * 7919) + "},";
  return text;
}

struct Coded {
  std::string coding, body, text;
};

std::vector<Coded> coded() {
  const std::string text = sample();
  return {{"gzip", gzip(text), text},
          {"x-gzip", gzip(text), text},
          {"GZip ", gzip(text), text},
          {"deflate", deflate_text(text, 15), text},
          {"deflate", deflate_text(text, -15), text},
          {"deflate", deflate_text("", -15), ""},
          {"deflate", deflate_text(text, 9), text},
          {"zstd", zstd(text), text},
          {"zstd", zstd(text) + zstd("more"), text + "more"},
          {"br", k_brotli_json, "{\"model\":\"gpt-4o\"}"},
          {"br", k_brotli_bomb, std::string(1 << 20, 'a')},
          {"gzip", gzip(text) + gzip("more"), text + "more"},
          {"gzip", gzip(""), ""},
          {"gzip, zstd", zstd(gzip(text)), text},
          {"deflate ,\tgzip", gzip(deflate_text(text, 15)), text},
          {"identity, gzip", gzip(text), text},
          {"", text, text},
          {"identity", text, text}};
}

TEST(ContentDecode, DecodesInAnyChunking) {
  for (const Coded& c : coded())
    for (const std::size_t chunk :
         {std::size_t{1}, std::size_t{7}, std::size_t{4096}, std::size_t{1} << 30}) {
      const Outcome out = decode(c.coding, c.body, chunk);
      EXPECT_EQ(out.code, Errc::none) << c.coding << " by " << chunk;
      EXPECT_TRUE(out.text == c.text) << c.coding << " by " << chunk;
    }
}

TEST(ContentDecode, RefusesACutOffBody) {
  for (const Coded& c : coded()) {
    if (c.coding.empty() || c.coding == "identity" || c.text.ends_with("more")) continue;
    for (const std::size_t missing : {std::size_t{1}, c.body.size() / 2, c.body.size()})
      EXPECT_EQ(decode(c.coding, c.body.substr(0, c.body.size() - missing), 100).code, Errc::invalid_request)
          << c.coding << " without its last " << missing;
  }
}

TEST(ContentDecode, RefusesTrailingGarbage) {
  for (const Coded& c : coded()) {
    if (c.coding.empty() || c.coding == "identity") continue;
    for (const std::size_t chunk : {std::size_t{1}, std::size_t{1} << 30})
      EXPECT_EQ(decode(c.coding, c.body + "garbage", chunk).code, Errc::invalid_request) << c.coding;
  }
}

TEST(ContentDecode, RefusesCorruptData) {
  for (const auto coding : {"gzip", "deflate", "br", "zstd"})
    EXPECT_EQ(decode(coding, std::string(100, '\xFF'), 10).code, Errc::invalid_request) << coding;
  std::string bad_checksum = gzip("hello hello hello");
  bad_checksum[bad_checksum.size() - 6] ^= 1;
  EXPECT_EQ(decode("gzip", bad_checksum, 100).code, Errc::invalid_request);
}

TEST(ContentDecode, StopsAtTheCap) {
  const std::string zeros(8 << 20, '\0');
  const Coded bombs[] = {
      {"gzip", gzip(zeros), {}}, {"deflate", deflate_text(zeros, -15), {}}, {"zstd", zstd(zeros), {}},
      {"br", k_brotli_bomb, {}}, {"gzip, gzip", gzip(gzip(zeros)), {}},     {"", zeros, {}}};
  for (const Coded& bomb : bombs) {
    const Outcome out = decode(bomb.coding, bomb.body, std::size_t{1} << 30, 100'000);
    EXPECT_EQ(out.code, Errc::body_too_large) << bomb.coding;
    EXPECT_LE(out.text.size(), 100'000u) << bomb.coding;
  }
  EXPECT_EQ(decode("gzip", gzip(std::string(1000, 'a')), 10, 1000).code, Errc::none);
  EXPECT_EQ(decode("gzip", gzip(std::string(1001, 'a')), 10, 1000).code, Errc::body_too_large);
}

TEST(ContentDecode, CapsWhatLiesBetweenTwoCodings) {
  // Much intermediate data that decodes to nothing: empty gzip members, compressed well.
  std::string members;
  while (members.size() < 4 << 20) members += gzip("");
  const Outcome out = decode("gzip, zstd", zstd(members), std::size_t{1} << 30, 100'000);
  EXPECT_EQ(out.code, Errc::body_too_large);
}

TEST(ContentDecode, RefusesWindowsAboveEightMegabytes) {
  ZSTD_CCtx* context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_windowLog, 24);
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  const std::string text(100, 'a');
  std::string frame(1000, '\0');
  ZSTD_outBuffer out{frame.data(), frame.size(), 0};
  ZSTD_inBuffer in{text.data(), text.size(), 0};
  ZSTD_compressStream2(context, &out, &in, ZSTD_e_flush);
  ZSTD_compressStream2(context, &out, &in, ZSTD_e_end);
  ZSTD_freeCCtx(context);
  EXPECT_EQ(decode("zstd", frame.substr(0, out.pos), 1000).code, Errc::invalid_request);
}

TEST(ContentDecode, SurvivesRandomDamage) {
  Random random(7);
  int refused = 0;
  for (const Coded& c : coded())
    for (int i = 0; i < 40 && !c.body.empty(); ++i) {
      std::string body = c.body;
      for (int n = 0; n < 3; ++n)
        body[random.next() % body.size()] ^= static_cast<char>(1 + random.next() % 255);
      const Outcome out = decode(c.coding, body, 1 + random.next() % 500, 50'000);
      EXPECT_LE(out.text.size(), 50'000u);
      refused += out.code != Errc::none;
    }
  EXPECT_GT(refused, 300);
}

TEST(ContentDecode, RefusesWhatItDoesNotKnow) {
  for (const auto coding :
       {"compress", "gzipx", "gzip;q=1", "gzip, foo", "gzip, gzip, gzip", "\"gzip\"", "aws-chunked"}) {
    const auto decoder = ContentDecoder::make(coding);
    ASSERT_FALSE(decoder) << coding;
    EXPECT_EQ(decoder.error().code, Errc::unsupported_encoding);
    EXPECT_EQ(decoder.error().message, std::string("Unsupported Content-Encoding: ") + coding);
  }
}

TEST(ContentDecode, KnowsWhenThereIsNothingToDo) {
  for (const auto coding : {"", " ", "identity", "Identity, identity", ","})
    EXPECT_TRUE(ContentDecoder::make(coding)->identity());
  EXPECT_FALSE(ContentDecoder::make("br")->identity());
}

} // namespace
} // namespace switchyard
