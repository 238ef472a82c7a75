// Pre-tokenizers and byte pair encoding against tests/golden/tokens.json, which the real tiktoken made
// (scripts/make_token_golden.py). Counts need the vocabularies of scripts/install_tokenizers.sh.
#include "core/pretokens.hpp"

#include <switchyard/json.hpp>
#include <switchyard/tokens.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

using namespace switchyard;

namespace {

struct Encoding {
  Vocabulary vocabulary;
  const char* name;
};
constexpr Encoding k_encodings[] = {{Vocabulary::cl100k, "cl100k_base"}, {Vocabulary::o200k, "o200k_base"}};

ValueList golden() {
  std::ifstream file(SWITCHYARD_SOURCE_DIR "/tests/golden/tokens.json");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto parsed = parse_json(text);
  return parsed && parsed->as_list() ? *parsed->as_list() : ValueList();
}

std::vector<std::string> pieces_of(Vocabulary vocabulary, std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    auto size = first_piece(vocabulary, text);
    out.emplace_back(text.substr(0, size));
    text.remove_prefix(size);
  }
  return out;
}

/// The 256 bytes, then these tokens in order.
std::string small_vocabulary(const std::vector<std::string>& more) {
  static constexpr char k_digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  auto base64 = [](const std::string& bytes) {
    std::string out;
    unsigned bits = 0, have = 0;
    for (unsigned char c : bytes) {
      bits = bits << 8 | c, have += 8;
      while (have >= 6) have -= 6, out += k_digits[bits >> have & 63];
    }
    if (have) out += k_digits[bits << (6 - have) & 63];
    while (out.size() % 4) out += '=';
    return out;
  };
  std::string out;
  int rank = 0;
  for (int byte = 0; byte < 256; ++byte)
    out += base64(std::string(1, static_cast<char>(byte))) + " " + std::to_string(rank++) + "\n";
  for (auto& token : more) out += base64(token) + " " + std::to_string(rank++) + "\n";
  return out;
}

} // namespace

TEST(Tokens, PiecesAreTiktokens) {
  const auto cases = golden();
  ASSERT_GE(cases.size(), 40u);
  for (auto& entry : cases)
    for (auto& encoding : k_encodings)
      EXPECT_EQ(pieces_of(encoding.vocabulary, text_at(entry, "text")),
                texts_of(entry.find(encoding.name)->find("pieces")))
          << encoding.name << ": " << text_at(entry, "text");
}

TEST(Tokens, TokensAreTiktokens) {
  auto* directory = std::getenv("SWITCHYARD_TOKENIZER_DIR");
  auto installed = load_tokenizers(directory ? directory : SWITCHYARD_SOURCE_DIR "/build/tokenizers");
  ASSERT_TRUE(installed) << installed.error().message;
  ASSERT_TRUE(installed->cl100k && installed->o200k)
      << "run scripts/install_tokenizers.sh build/tokenizers first";
  for (auto& entry : golden())
    for (auto& encoding : k_encodings) {
      std::vector<std::uint32_t> wanted;
      for (auto& token : *entry.find(encoding.name)->find("tokens")->as_list())
        wanted.push_back(static_cast<std::uint32_t>(*token.as_int()));
      auto* tokenizer = installed->find(encoding.vocabulary);
      const auto text = text_at(entry, "text");
      EXPECT_EQ(tokenizer->encode(text), wanted) << encoding.name << ": " << text;
      EXPECT_EQ(tokenizer->count(text), wanted.size());
      EXPECT_EQ(tokenizer->decode(wanted).value(), text);
    }
}

TEST(Tokens, LowestRankLeftmostMergesFirst) {
  auto tokenizer = make_tokenizer(Vocabulary::cl100k, small_vocabulary({"bc", "ab", "abc", "aa"})).value();
  EXPECT_EQ(tokenizer->encode("abc"), (std::vector<std::uint32_t>{258}));       // as a whole
  EXPECT_EQ(tokenizer->encode("abcd"), (std::vector<std::uint32_t>{258, 'd'})); // bc, then a+bc
  EXPECT_EQ(tokenizer->encode("aaa"), (std::vector<std::uint32_t>{259, 'a'}));
  EXPECT_EQ(tokenizer->encode("xabx"), (std::vector<std::uint32_t>{'x', 257, 'x'}));
  EXPECT_EQ(tokenizer->count(""), 0u);
  EXPECT_EQ(tokenizer->decode({258, 'd'}).value(), "abcd");
  EXPECT_FALSE(tokenizer->decode({999999}));
}

TEST(Tokens, AHostileTextCostsNoSquare) {
  auto tokenizer = make_tokenizer(Vocabulary::o200k, small_vocabulary({"aa", "aaaa"})).value();
  EXPECT_EQ(tokenizer->count(std::string(1 << 17, 'a')), std::size_t{1} << 15);
}

TEST(Tokens, BrokenTextIsCountedByteByByte) {
  auto tokenizer = make_tokenizer(Vocabulary::o200k, small_vocabulary({})).value();
  for (std::string text : {"\xFF\xFE", "\xE4\xBD", "a\xC3", "\xF8\x88\x80\x80", "\xED\xA0\x80"}) {
    EXPECT_EQ(tokenizer->count(text), text.size());
    EXPECT_EQ(tokenizer->decode(tokenizer->encode(text)).value(), text);
  }
}

TEST(Tokens, BrokenVocabulariesAreNamed) {
  const auto message = [](const std::string& file) {
    auto made = make_tokenizer(Vocabulary::cl100k, file);
    return made ? std::string("fine") : made.error().message;
  };
  EXPECT_NE(message("").find("byte 0 has no token"), std::string::npos);
  EXPECT_NE(message("YQ==\n").find("two words"), std::string::npos);
  EXPECT_NE(message("YQ== x\n").find("bad rank"), std::string::npos);
  EXPECT_NE(message("YQ== 99999999\n").find("bad rank"), std::string::npos);
  EXPECT_NE(message("Y!== 1\n").find("bad base64"), std::string::npos);
  EXPECT_NE(message("YQ== 1\nYg== 1\n").find("twice"), std::string::npos);
}

TEST(Tokens, ModelsAndTheirVocabularies) {
  for (auto model : {"gpt-4o", "openai/gpt-4o-mini", "ft:gpt-4o:org", "o3-mini", "gpt-5", "azure/gpt-4.1",
                     "openai/gpt-oss-20b"})
    EXPECT_EQ(vocabulary_of(model), Vocabulary::o200k) << model;
  for (auto model : {"gpt-4", "gpt-3.5-turbo", "claude-3-opus", "", "mistral/open-mistral"})
    EXPECT_EQ(vocabulary_of(model), Vocabulary::cl100k) << model;
}

TEST(Tokens, EstimatesAreNearTheTruth) {
  EXPECT_EQ(guess_tokens(""), 0u);
  EXPECT_EQ(guess_tokens("a"), 1u);
  EXPECT_EQ(guess_tokens("hello world"), 3u);
  EXPECT_EQ(guess_tokens("\u4f60\u597d"), 2u);
}
