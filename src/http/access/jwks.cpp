// JSON Web Keys to OpenSSL's keys. Pure.
#include "http/access/jwks.hpp"

#include <switchyard/json.hpp>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include <array>

namespace switchyard::http::access {

namespace {

constexpr std::size_t k_most_keys = 64;
constexpr int k_least_rsa_bits = 2048, k_most_rsa_bits = 16384;

using Key = std::shared_ptr<EVP_PKEY>;
template <auto Free>
struct Freed {
  template <class T>
  void operator()(T* p) const noexcept {
    Free(p);
  }
};
template <class T, auto Free>
using Owned = std::unique_ptr<T, Freed<Free>>;

bool bytes_at(const Value& jwk, std::string_view name, std::string& out) {
  const auto text = text_at(jwk, name);
  return !text.empty() && from_base64url(text, out);
}

const unsigned char* raw(const std::string& bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

/// Null when OpenSSL does not take them.
Key make_key(const char* type, OSSL_PARAM_BLD* build) {
  const Owned<OSSL_PARAM, OSSL_PARAM_free> params(OSSL_PARAM_BLD_to_param(build));
  const Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free> context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (!params || !context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, params.get()) != 1)
    return {};
  return Key(key, EVP_PKEY_free);
}

Key rsa_key(const Value& jwk) {
  std::string n, e;
  if (!bytes_at(jwk, "n", n) || !bytes_at(jwk, "e", e) || e.size() > 8 || n.size() > k_most_rsa_bits / 8)
    return {};
  const Owned<BIGNUM, BN_free> modulus(BN_bin2bn(raw(n), static_cast<int>(n.size()), nullptr));
  const Owned<BIGNUM, BN_free> exponent(BN_bin2bn(raw(e), static_cast<int>(e.size()), nullptr));
  const Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> build(OSSL_PARAM_BLD_new());
  if (!modulus || !exponent || !build || BN_num_bits(modulus.get()) < k_least_rsa_bits ||
      OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_N, modulus.get()) != 1 ||
      OSSL_PARAM_BLD_push_BN(build.get(), OSSL_PKEY_PARAM_RSA_E, exponent.get()) != 1)
    return {};
  return make_key("RSA", build.get());
}

struct Curve {
  std::string_view name;
  const char* group;
  std::size_t size; ///< bytes of a coordinate
  KeyType type;
};
constexpr std::array k_curves = {Curve{"P-256", "prime256v1", 32, KeyType::p256},
                                 Curve{"P-384", "secp384r1", 48, KeyType::p384},
                                 Curve{"P-521", "secp521r1", 66, KeyType::p521}};

Key ec_key(const Value& jwk, KeyType& type) {
  for (auto& curve : k_curves) {
    if (text_at(jwk, "crv") != curve.name) continue;
    std::string x, y;
    if (!bytes_at(jwk, "x", x) || !bytes_at(jwk, "y", y) || x.size() != curve.size || y.size() != curve.size)
      return {};
    const std::string point = '\x04' + x + y;
    const Owned<OSSL_PARAM_BLD, OSSL_PARAM_BLD_free> build(OSSL_PARAM_BLD_new());
    if (!build ||
        OSSL_PARAM_BLD_push_utf8_string(build.get(), OSSL_PKEY_PARAM_GROUP_NAME, curve.group, 0) != 1 ||
        OSSL_PARAM_BLD_push_octet_string(build.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()) !=
            1)
      return {};
    type = curve.type;
    return make_key("EC", build.get());
  }
  return {};
}

Key okp_key(const Value& jwk, KeyType& type) {
  const bool small = text_at(jwk, "crv") == "Ed25519";
  if (!small && text_at(jwk, "crv") != "Ed448") return {};
  std::string x;
  if (!bytes_at(jwk, "x", x)) return {};
  type = small ? KeyType::ed25519 : KeyType::ed448;
  return Key(
      EVP_PKEY_new_raw_public_key(small ? EVP_PKEY_ED25519 : EVP_PKEY_ED448, nullptr, raw(x), x.size()),
      EVP_PKEY_free);
}

Key key_of(const Value& jwk, KeyType& type) {
  const auto kty = text_at(jwk, "kty");
  if (kty == "RSA") return rsa_key(jwk);
  if (kty == "EC") return ec_key(jwk, type);
  return kty == "OKP" ? okp_key(jwk, type) : Key();
}

int value_of(char c) {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '-' ? 62 : c == '_' ? 63 : -1;
}

} // namespace

bool from_base64url(std::string_view text, std::string& out) {
  out.clear();
  if (text.size() % 4 == 1) return false;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const int value = value_of(c);
    if (value < 0) return false;
    bits = bits << 6 | static_cast<std::uint32_t>(value), count += 6;
    if (count >= 8) count -= 8, out += static_cast<char>(bits >> count & 0xff);
  }
  return (bits & ((1u << count) - 1)) == 0; // one text per value
}

Result<JwkSet> parse_jwks(std::string_view json) {
  auto document = parse_json(json);
  if (!document) return Error(Errc::bad_gateway, "The JWKS is not valid JSON");
  const auto* keys = document->find("keys");
  if (!keys || !keys->as_list()) return Error(Errc::bad_gateway, "The JWKS has no list `keys`");
  JwkSet out;
  for (auto& jwk : *keys->as_list()) {
    if (text_at(jwk, "use", "sig") != "sig" || out.size() >= k_most_keys) continue;
    Jwk row;
    row.id = text_at(jwk, "kid"), row.alg = text_at(jwk, "alg");
    row.key = key_of(jwk, row.type);
    if (row.key) out.push_back(std::move(row));
  }
  return out;
}

} // namespace switchyard::http::access
