// Values encrypted by PyNaCl and cryptography exactly as LiteLLM calls them, passwords by Python's hashlib.
#include "management/crypto.hpp"

#include <switchyard/at_rest.hpp>

#include <gtest/gtest.h>

namespace switchyard {
namespace {

using at_rest::Format;
const Secret k_key("sk-1234");
constexpr std::string_view k_text = "sk-upstream-ключ-42";

struct Sealed {
  const char* what;
  std::string_view stored, text;
};
constexpr Sealed k_sealed[] = {
    {"secretbox", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX1wjf_SNVCpXfB-X-8oGpwISczct7HhgytISd89LxJ841kMwNgSzE",
     k_text},
    {"secretbox in the standard alphabet",
     "AwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDdTJY0T9cLSH4P/MOGHcQPbsOzJB+hO5mh4+6en4BHsuavOExYytd", k_text},
    {"v2", "v2:gcm:AAECAwQFBgcICQoLLB2dJzzfQdmJU6AMBiwkP7vdJI10ftyivToUk1BNRk5jtStWRCMG", k_text},
    {"v3", "v3:gcm:AAECAwQFBgcICQoLmUiiXfqdNn7nJ5ed_yYm0UMejHBcpmwEE7G_nvFij-WeBQX2WLtW", k_text},
    {"empty secretbox", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYX5AqQLfNRfMpPiVlps7iimw==", ""},
    {"empty v3", "v3:gcm:AAECAwQFBgcICQoL11muE9FYfIQGwVyrwMPI1g==", ""},
};

TEST(AtRest, ReadsEveryFormatOfLiteLlm) {
  for (const auto& [what, stored, text] : k_sealed) {
    const auto opened = at_rest::decrypt(stored, k_key);
    ASSERT_TRUE(opened) << what << ": " << opened.error().message;
    EXPECT_EQ(*opened, text) << what;
  }
}

TEST(AtRest, AWrongKeyOrADamagedValueIsAnErrorThatHoldsNoSecret) {
  for (const auto& [what, stored, text] : k_sealed) {
    const auto wrong = at_rest::decrypt(stored, Secret("another"));
    ASSERT_FALSE(wrong) << what;
    EXPECT_EQ(wrong.error().code, Errc::authentication) << what;
    EXPECT_EQ(wrong.error().message.find(std::string(stored).substr(7, 12)), std::string::npos) << what;
    std::string damaged(stored);
    damaged[damaged.size() / 2] = damaged[damaged.size() / 2] == 'x' ? 'y' : 'x';
    EXPECT_FALSE(at_rest::decrypt(damaged, k_key)) << what;
  }
}

TEST(AtRest, PlainTextsAreToldFromCiphertexts) {
  for (const char* plain : {"", "gpt-4o", "https://api.openai.com/v1", "sk-1234", "ключ", "aaaaa", "===="}) {
    const auto opened = at_rest::decrypt(plain, k_key);
    ASSERT_FALSE(opened) << plain;
    EXPECT_EQ(opened.error().code, Errc::bad_request) << plain;
  }
  for (const char* broken : {"v3:gcm:", "v2:gcm:AAAA", "v3:gcm:!!", "v2:gcm:AAECAwQFBgcICQoLLB2dJzzfQd"})
    EXPECT_FALSE(at_rest::decrypt(broken, k_key)) << broken;
}

TEST(AtRest, WritesWhatItReadsInTheFormAskedFor) {
  for (const Format format : {Format::xsalsa20_poly1305, Format::aes_256_gcm})
    for (const std::string& text : {std::string(), std::string(k_text), std::string(5000, '\xFF')}) {
      const auto sealed = at_rest::encrypt(text, k_key, format);
      ASSERT_TRUE(sealed);
      EXPECT_EQ(sealed->starts_with("v3:gcm:"), format == Format::aes_256_gcm);
      EXPECT_NE(*sealed, *at_rest::encrypt(text, k_key, format)) << "the nonce must differ";
      EXPECT_EQ(*at_rest::decrypt(*sealed, k_key), text);
    }
  EXPECT_EQ(at_rest::encrypt("x", Secret(), Format::aes_256_gcm).error().code, Errc::config);
}

TEST(AtRest, TheDefaultIsWhatEveryLiteLlmReads) {
  EXPECT_EQ(at_rest::format_of(PlaneSettings{}.encryption_algorithm), Format::xsalsa20_poly1305);
  EXPECT_EQ(at_rest::format_of("aes-256-gcm"), Format::aes_256_gcm);
  PlaneSettings settings;
  EXPECT_EQ(at_rest::key_material(settings, k_key), k_key);
  settings.salt_key = Secret("salt");
  EXPECT_EQ(at_rest::key_material(settings, k_key), Secret("salt"));
}

TEST(Passwords, ScryptAsPythonMakesItAndOldSha256) {
  using namespace management;
  constexpr std::string_view k_word = "correct horse";
  constexpr std::string_view k_scrypt =
      "scrypt:AAECAwQFBgcICQoLDA0ODyWzdoQDZvTTsOIeQUR2Z2480Oia9EMDVqI0zgtloCG1";
  constexpr std::string_view k_sha = "4104d36f8da2c254349f85836793ebe029e0c957063a34c91c2e9203187b5631";
  EXPECT_TRUE(password_matches(k_word, k_scrypt));
  EXPECT_FALSE(password_matches("correct hors", k_scrypt));
  EXPECT_TRUE(password_matches(k_word, k_sha));
  EXPECT_TRUE(password_is_outdated(k_sha));
  EXPECT_FALSE(password_matches(k_word, k_word)) << "a plain text in the database is no password";
  EXPECT_FALSE(password_matches("", ""));
  EXPECT_FALSE(password_matches(k_word, "scrypt:AAEC"));
  EXPECT_TRUE(password_matches(k_word, hash_password(k_word)));
}

TEST(Tokens, SignedClaimsComeBackAndForgeriesDoNot) {
  using namespace management;
  const Value claims(ValueMap{{"user_id", Value(std::string("u"))}, {"exp", Value(std::int64_t{7})}});
  const std::string token = sign_token(claims, k_key);
  EXPECT_TRUE(token.starts_with("eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."));
  EXPECT_EQ(to_json(*read_token(token, k_key)), to_json(claims));
  EXPECT_FALSE(read_token(token, Secret("other")));
  EXPECT_FALSE(read_token(token + "A", k_key));
  for (const char* bad : {"", ".", "..", "a.b", "a.b.c", "é.é.é"})
    EXPECT_FALSE(read_token(bad, k_key)) << bad;
}

TEST(Base64, BothAlphabetsWithAndWithoutPadding) {
  using namespace management;
  for (const std::string& bytes : {std::string(), std::string("a"), std::string("ab"),
                                   std::string("\xFB\xEF\xBE"), std::string("\0\0", 2)}) {
    EXPECT_EQ(from_base64(to_base64(bytes)), bytes);
    EXPECT_EQ(from_base64(to_base64url(bytes, false)), bytes);
  }
  EXPECT_EQ(to_base64("\xFB\xEF\xBE"), "++++");
  EXPECT_EQ(to_base64url("\xFB\xEF", true), "--8=");
  for (const char* bad : {"a", "aaaaa", "a b=", "a===", "\xC3\xA9"}) EXPECT_FALSE(from_base64(bad)) << bad;
}

} // namespace
} // namespace switchyard
