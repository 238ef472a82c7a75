// Verification of tokens with OpenSSL. Pure.
#include "http/access/jwt.hpp"

#include "http/access/identity.hpp"

#include <switchyard/json.hpp>

#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <algorithm>
#include <array>

namespace switchyard::http::access {

namespace {

constexpr std::size_t k_longest_token = 32 * 1024;
constexpr int k_most_tries = 8;              ///< keys tried for a token without kid
constexpr std::chrono::seconds k_leeway{10}; ///< for clocks that disagree about "not before"

enum class Padding : std::uint8_t { none, pkcs1, pss };

struct Algorithm {
  std::string_view name;
  KeyType type;
  const char* digest; ///< null: the algorithm's own
  Padding padding;
};
constexpr std::array k_algorithms = {
    Algorithm{"RS256", KeyType::rsa, "SHA256", Padding::pkcs1},
    Algorithm{"RS384", KeyType::rsa, "SHA384", Padding::pkcs1},
    Algorithm{"RS512", KeyType::rsa, "SHA512", Padding::pkcs1},
    Algorithm{"PS256", KeyType::rsa, "SHA256", Padding::pss},
    Algorithm{"PS384", KeyType::rsa, "SHA384", Padding::pss},
    Algorithm{"PS512", KeyType::rsa, "SHA512", Padding::pss},
    Algorithm{"ES256", KeyType::p256, "SHA256", Padding::none},
    Algorithm{"ES384", KeyType::p384, "SHA384", Padding::none},
    Algorithm{"ES512", KeyType::p521, "SHA512", Padding::none},
    Algorithm{"EdDSA", KeyType::ed25519, nullptr, Padding::none},
    Algorithm{"EdDSA", KeyType::ed448, nullptr, Padding::none},
};

Error refused(std::string_view why, std::string_view more = {}) {
  std::string text = "Invalid JWT: ";
  text += why, text += more;
  return auth_refusal(text);
}

struct Parts {
  std::string_view header, claims, signature, signed_part;
};

bool split(std::string_view token, Parts& out) noexcept {
  const auto first = token.find('.');
  if (first == std::string_view::npos) return false;
  const auto second = token.find('.', first + 1);
  if (second == std::string_view::npos || token.find('.', second + 1) != std::string_view::npos) return false;
  out = {token.substr(0, first), token.substr(first + 1, second - first - 1), token.substr(second + 1),
         token.substr(0, second)};
  return !out.header.empty() && !out.claims.empty() && !out.signature.empty();
}

Result<Value> object_of(std::string_view part, std::string_view name) {
  std::string text;
  if (!from_base64url(part, text)) return refused(name, " is not base64url");
  auto value = parse_json(text);
  if (!value || !value->as_map()) return refused(name, " is not a JSON object");
  return value;
}

std::size_t coordinate_size(KeyType type) {
  return type == KeyType::p256 ? 32 : type == KeyType::p384 ? 48 : 66;
}

/// r and s one after the other, as tokens have them, to DER, as OpenSSL wants them.
bool to_der(KeyType type, const std::string& signature, std::string& der) {
  const auto half = coordinate_size(type);
  if (signature.size() != 2 * half) return false;
  const auto* bytes = reinterpret_cast<const unsigned char*>(signature.data());
  const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> both(ECDSA_SIG_new(), ECDSA_SIG_free);
  auto* r = BN_bin2bn(bytes, static_cast<int>(half), nullptr);
  auto* s = BN_bin2bn(bytes + half, static_cast<int>(half), nullptr);
  if (!both || ECDSA_SIG_set0(both.get(), r, s) != 1) return BN_free(r), BN_free(s), false;
  unsigned char* out = nullptr;
  const int size = i2d_ECDSA_SIG(both.get(), &out);
  if (size <= 0) return false;
  der.assign(reinterpret_cast<const char*>(out), static_cast<std::size_t>(size));
  OPENSSL_free(out);
  return true;
}

bool signature_fits(const Algorithm& algorithm, const Jwk& jwk, std::string_view text,
                    const std::string& given) {
  std::string signature = given;
  const bool ec = algorithm.digest && algorithm.padding == Padding::none;
  if (ec && !to_der(algorithm.type, given, signature)) return false;
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  EVP_PKEY_CTX* key = nullptr; // the context's
  if (!context || EVP_DigestVerifyInit_ex(context.get(), &key, algorithm.digest, nullptr, nullptr,
                                          jwk.key.get(), nullptr) != 1)
    return false;
  if (algorithm.padding == Padding::pss &&
      (EVP_PKEY_CTX_set_rsa_padding(key, RSA_PKCS1_PSS_PADDING) != 1 ||
       EVP_PKEY_CTX_set_rsa_pss_saltlen(key, RSA_PSS_SALTLEN_DIGEST) != 1))
    return false;
  return EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                          signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                          text.size()) == 1;
}

bool may_have_signed(const Jwk& jwk, const JwtHeader& header) {
  return (header.kid.empty() || jwk.id.empty() || jwk.id == header.kid) &&
         (jwk.alg.empty() || jwk.alg == header.alg);
}

const Algorithm* algorithm_for(std::string_view name, KeyType type) {
  auto found = std::find_if(k_algorithms.begin(), k_algorithms.end(),
                            [&](auto& row) { return row.name == name && row.type == type; });
  return found == k_algorithms.end() ? nullptr : &*found;
}

Result<void> check_signature(const Parts& parts, const JwtHeader& header, const JwkSet& keys) {
  std::string signature;
  if (!from_base64url(parts.signature, signature)) return refused("the signature is not base64url");
  int tries = 0;
  for (auto& jwk : keys) {
    const auto* algorithm = may_have_signed(jwk, header) ? algorithm_for(header.alg, jwk.type) : nullptr;
    if (!algorithm) continue;
    if (signature_fits(*algorithm, jwk, parts.signed_part, signature)) return {};
    if (++tries >= k_most_tries) break;
  }
  return refused(tries == 0 ? "no public key fits it" : "the signature is wrong");
}

/// Seconds since 1970; false = the claim is there and is no number.
bool time_at(const Value& claims, std::string_view name, std::optional<double>& out) {
  const auto* value = claims.find(name);
  if (!value || value->is_null()) return true;
  double seconds = 0;
  if (!value->number(seconds)) return false;
  return out = seconds, true;
}

double seconds_of(WallTime when) { return std::chrono::duration<double>(when.time_since_epoch()).count(); }

Result<void> check_times(const Value& claims, WallTime now) {
  std::optional<double> expires, not_before, issued;
  if (!time_at(claims, "exp", expires) || !time_at(claims, "nbf", not_before) ||
      !time_at(claims, "iat", issued))
    return refused("exp, nbf and iat must be numbers");
  const double at = seconds_of(now), late = at + static_cast<double>(k_leeway.count());
  if (expires && !(at < *expires)) return refused("the token has expired");
  if ((not_before && !(*not_before <= late)) || (issued && !(*issued <= late)))
    return refused("the token is not valid yet");
  return {};
}

Result<void> check_names(const Value& claims, const JwtChecks& checks) {
  if (!checks.issuer.empty() && text_at(claims, "iss") != checks.issuer)
    return refused("iss is not the expected issuer");
  if (checks.audience.empty()) return {};
  const auto* audience = claims.find("aud");
  if (audience && audience->as_string() && *audience->as_string() == checks.audience) return {};
  const auto listed = texts_of(audience);
  if (std::find(listed.begin(), listed.end(), checks.audience) != listed.end()) return {};
  return refused("aud is not the expected audience");
}

} // namespace

bool looks_like_jwt(std::string_view token) noexcept {
  Parts parts;
  return token.size() <= k_longest_token && token.starts_with("ey") && split(token, parts);
}

Result<JwtHeader> read_jwt_header(std::string_view token) {
  Parts parts;
  if (token.size() > k_longest_token || !split(token, parts)) return refused("it has not three parts");
  auto header = object_of(parts.header, "the header");
  if (!header) return header.error();
  if (header->find("crit")) return refused("the header asks for extensions (crit)");
  JwtHeader out;
  out.alg = text_at(*header, "alg"), out.kid = text_at(*header, "kid");
  const bool known =
      std::any_of(k_algorithms.begin(), k_algorithms.end(), [&](auto& row) { return row.name == out.alg; });
  if (!known) return refused("alg must be one of RS, PS or ES 256, 384, 512, or EdDSA");
  return out;
}

bool has_key(const JwkSet& keys, const JwtHeader& header) {
  return std::any_of(keys.begin(), keys.end(), [&](auto& jwk) {
    return may_have_signed(jwk, header) && algorithm_for(header.alg, jwk.type);
  });
}

Result<void> check_claims(const Value& claims, const JwtChecks& checks) {
  if (auto timely = check_times(claims, checks.now); !timely) return timely.error();
  return check_names(claims, checks);
}

Result<Value> verify_jwt(std::string_view token, const JwkSet& keys, const JwtChecks& checks) {
  auto header = read_jwt_header(token);
  if (!header) return header.error();
  Parts parts;
  split(token, parts);
  if (auto valid = check_signature(parts, *header, keys); !valid) return valid.error();
  auto claims = object_of(parts.claims, "the claims");
  if (!claims) return claims.error();
  if (auto good = check_claims(*claims, checks); !good) return good.error();
  return claims;
}

} // namespace switchyard::http::access
