// Tokens: every algorithm, everything that must be refused, and the JWKS reader.
#include "http/access/jwt.hpp"
#include "token_maker.hpp"

#include <gtest/gtest.h>

namespace switchyard::http::access::testing {
namespace {

constexpr WallTime k_now{std::chrono::seconds(2'000'000'000)};

JwtChecks checks() {
  JwtChecks out;
  out.now = k_now;
  return out;
}

std::string problem(std::string_view token, const JwkSet& keys, const JwtChecks& with = checks()) {
  auto claims = verify_jwt(token, keys, with);
  if (claims) return "";
  EXPECT_EQ(claims.error().http_status(), 401);
  const std::string prefix = "Authentication Error, Invalid JWT: ";
  EXPECT_EQ(claims.error().message.find(prefix), 0u);
  return claims.error().message.substr(prefix.size());
}

class Algorithms : public ::testing::TestWithParam<const char*> {};

TEST_P(Algorithms, AGoodTokenIsGoodAndAChangedOneIsNot) {
  const TokenMaker maker(GetParam());
  const auto keys = *parse_jwks(maker.jwks());
  ASSERT_EQ(keys.size(), 1u);
  const auto token = maker.token(R"({"sub":"me","exp":2000000001})");
  ASSERT_TRUE(looks_like_jwt(token));
  auto claims = verify_jwt(token, keys, checks());
  ASSERT_TRUE(claims) << claims.error().message;
  EXPECT_EQ(*claims->find("sub")->as_string(), "me");
  const auto dot = token.find('.'), last = token.rfind('.');
  auto forged =
      token.substr(0, dot + 1) + to_base64url(R"({"sub":"you","exp":2000000001})") + token.substr(last);
  EXPECT_EQ(problem(forged, keys), "the signature is wrong");
  auto cut = token.substr(0, token.size() - 4);
  EXPECT_NE(problem(cut, keys), "");
  const TokenMaker other(GetParam());
  EXPECT_EQ(problem(token, *parse_jwks(other.jwks())), "the signature is wrong");
}

INSTANTIATE_TEST_SUITE_P(All, Algorithms,
                         ::testing::Values("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256",
                                           "ES384", "ES512", "EdDSA"));

class Tokens : public ::testing::Test {
 protected:
  static const TokenMaker& maker() {
    static const TokenMaker k_maker("ES256");
    return k_maker;
  }
  JwkSet keys = *parse_jwks(maker().jwks());
};

TEST_F(Tokens, Times) {
  EXPECT_EQ(problem(maker().token(R"({"exp":2000000000})"), keys), "the token has expired");
  EXPECT_EQ(problem(maker().token(R"({"exp":1})"), keys), "the token has expired");
  EXPECT_EQ(problem(maker().token(R"({"exp":2000000000.5})"), keys), "");
  EXPECT_EQ(problem(maker().token(R"({"nbf":2000000100})"), keys), "the token is not valid yet");
  EXPECT_EQ(problem(maker().token(R"({"iat":2000000100})"), keys), "the token is not valid yet");
  EXPECT_EQ(problem(maker().token(R"({"nbf":2000000005,"iat":2000000005})"), keys), "") << "clocks disagree";
  EXPECT_EQ(problem(maker().token(R"({"exp":"2000000100"})"), keys), "exp, nbf and iat must be numbers");
  EXPECT_EQ(problem(maker().token("{}"), keys), "");
}

TEST_F(Tokens, IssuerAndAudience) {
  auto with = checks();
  with.issuer = "https://idp", with.audience = "us";
  EXPECT_EQ(problem(maker().token(R"({"iss":"https://idp","aud":"us"})"), keys, with), "");
  EXPECT_EQ(problem(maker().token(R"({"iss":"https://idp","aud":["them","us"]})"), keys, with), "");
  EXPECT_EQ(problem(maker().token(R"({"iss":"https://idp","aud":["them"]})"), keys, with),
            "aud is not the expected audience");
  EXPECT_EQ(problem(maker().token(R"({"iss":"https://idp"})"), keys, with),
            "aud is not the expected audience");
  EXPECT_EQ(problem(maker().token(R"({"aud":"us"})"), keys, with), "iss is not the expected issuer");
}

TEST_F(Tokens, HeadersThatMustNotPass) {
  const std::string none = to_base64url(R"({"alg":"none"})") + "." + to_base64url("{}") + ".";
  EXPECT_FALSE(looks_like_jwt(none));
  EXPECT_NE(problem(none + "e30", keys).find("alg must be"), std::string::npos);
  EXPECT_NE(problem(maker().sign(R"({"alg":"HS256","kid":"k1"})", "{}"), keys).find("alg must be"),
            std::string::npos);
  EXPECT_NE(problem(maker().sign(R"({"alg":"ES256","crit":["x"]})", "{}"), keys).find("crit"),
            std::string::npos);
  EXPECT_EQ(problem(maker().sign(R"({"alg":"RS256","kid":"k1"})", "{}"), keys), "no public key fits it");
  EXPECT_EQ(problem(maker().sign(R"({"alg":"ES256","kid":"k2"})", "{}"), keys), "no public key fits it");
  EXPECT_EQ(problem(maker().sign(R"({"alg":"ES256"})", "{}"), keys), "") << "no kid: every key is tried";
  EXPECT_NE(problem("a.b", keys), "");
  EXPECT_NE(problem("ey.ey.ey.ey", keys), "");
  EXPECT_NE(problem("ey$.e30.AA", keys), "");
  EXPECT_NE(problem(maker().sign("[]", "{}"), keys), "");
  EXPECT_EQ(problem(maker().token("[]"), keys), "the claims is not a JSON object");
  EXPECT_FALSE(looks_like_jwt(std::string(40'000, 'e') + ".e.e"));
}

TEST_F(Tokens, AKeyForAnotherAlgorithmIsNotUsed) {
  auto marked = keys;
  marked[0].alg = "ES384";
  EXPECT_EQ(problem(maker().token("{}"), marked), "no public key fits it");
  auto header = read_jwt_header(maker().token("{}"));
  ASSERT_TRUE(header);
  EXPECT_TRUE(has_key(keys, *header));
  EXPECT_FALSE(has_key(marked, *header));
}

TEST(Jwks, WhatIsNoSigningKeyIsLeftOut) {
  EXPECT_FALSE(parse_jwks("no json"));
  EXPECT_FALSE(parse_jwks("{}"));
  EXPECT_FALSE(parse_jwks(R"({"keys":{}})"));
  const TokenMaker good("ES256");
  auto enc = good.jwk();
  enc.replace(enc.find("\"sig\""), 5, "\"enc\"");
  const auto keys =
      parse_jwks(R"({"keys":[null,1,"x",{},{"kty":"oct","k":"AAAA"},{"kty":"RSA","n":"AQAB","e":"AQAB"},)"
                 R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"},{"kty":"OKP","crv":"Ed25519","x":"AA"},)" +
                 enc + "," + good.jwk() + "]}");
  ASSERT_TRUE(keys);
  EXPECT_EQ(keys->size(), 1u);
}

TEST(Jwks, Base64url) {
  std::string out;
  EXPECT_TRUE(from_base64url("", out));
  EXPECT_TRUE(from_base64url("_-8", out));
  EXPECT_EQ(out, "\xff\xef");
  EXPECT_FALSE(from_base64url("_-9", out)) << "bits behind the end";
  EXPECT_FALSE(from_base64url("AA==", out));
  EXPECT_FALSE(from_base64url("A", out));
  EXPECT_FALSE(from_base64url("AA+A", out));
}

} // namespace
} // namespace switchyard::http::access::testing
