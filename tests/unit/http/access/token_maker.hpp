// Signs tokens with keys made on the spot, and shows the keys as a JWKS. For tests.
#pragma once

#include <switchyard/json_scan.hpp>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <memory>
#include <string>
#include <string_view>

namespace switchyard::http::access::testing {

inline std::string to_base64url(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  while (out.ends_with('=')) out.pop_back();
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return out;
}

class TokenMaker {
 public:
  /// "RS256", "PS384", "ES256", "EdDSA", ...
  explicit TokenMaker(std::string alg, std::string kid = "k1") : alg_(std::move(alg)), kid_(std::move(kid)) {
    if (alg_ == "EdDSA")
      key_.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), EVP_PKEY_free);
    else if (alg_.starts_with("ES"))
      key_.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve()), EVP_PKEY_free);
    else
      key_ = rsa_key();
  }

  /// One key as a member of `keys`.
  std::string jwk() const {
    std::string out = "{\"kid\":" + json_string(kid_) + ",\"use\":\"sig\",";
    if (alg_ == "EdDSA") {
      unsigned char x[64];
      std::size_t size = sizeof x;
      EVP_PKEY_get_raw_public_key(key_.get(), x, &size);
      return out + R"("kty":"OKP","crv":"Ed25519","x":")" + to_base64url({reinterpret_cast<char*>(x), size}) +
             "\"}";
    }
    if (alg_.starts_with("ES")) {
      unsigned char point[200];
      std::size_t size = 0;
      EVP_PKEY_get_octet_string_param(key_.get(), OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point, &size);
      const std::string_view xy(reinterpret_cast<char*>(point) + 1, size - 1);
      const auto half = xy.size() / 2;
      return out + R"("kty":"EC","crv":")" +
             (half == 32   ? "P-256"
              : half == 48 ? "P-384"
                           : "P-521") +
             R"(","x":")" + to_base64url(xy.substr(0, half)) + R"(","y":")" + to_base64url(xy.substr(half)) +
             "\"}";
    }
    return out + R"("kty":"RSA","n":")" + number(OSSL_PKEY_PARAM_RSA_N) + R"(","e":")" +
           number(OSSL_PKEY_PARAM_RSA_E) + "\"}";
  }
  std::string jwks() const { return "{\"keys\":[" + jwk() + "]}"; }

  std::string token(std::string_view claims) const {
    return sign(R"({"alg":")" + alg_ + R"(","typ":"JWT","kid":)" + json_string(kid_) + "}", claims);
  }
  std::string sign(std::string_view header, std::string_view claims) const {
    const auto text = to_base64url(header) + "." + to_base64url(claims);
    return text + "." + to_base64url(signature(text));
  }

 private:
  /// One of two, in turn: they take long to make.
  static std::shared_ptr<EVP_PKEY> rsa_key() {
    static std::shared_ptr<EVP_PKEY> k_keys[2];
    static unsigned k_next = 0;
    auto& key = k_keys[k_next++ % 2];
    if (!key) key.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", std::size_t{2048}), EVP_PKEY_free);
    return key;
  }
  const char* curve() const { return alg_ == "ES256" ? "P-256" : alg_ == "ES384" ? "P-384" : "P-521"; }
  std::string number(const char* name) const {
    BIGNUM* n = nullptr;
    EVP_PKEY_get_bn_param(key_.get(), name, &n);
    std::string bytes(static_cast<std::size_t>(BN_num_bytes(n)), '\0');
    BN_bn2bin(n, reinterpret_cast<unsigned char*>(bytes.data()));
    BN_free(n);
    return to_base64url(bytes);
  }
  std::string signature(const std::string& text) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
    EVP_PKEY_CTX* key = nullptr;
    const std::string digest = "SHA" + alg_.substr(2);
    EVP_DigestSignInit_ex(context.get(), &key, alg_ == "EdDSA" ? nullptr : digest.c_str(), nullptr, nullptr,
                          key_.get(), nullptr);
    if (alg_.starts_with("PS")) {
      EVP_PKEY_CTX_set_rsa_padding(key, RSA_PKCS1_PSS_PADDING);
      EVP_PKEY_CTX_set_rsa_pss_saltlen(key, RSA_PSS_SALTLEN_DIGEST);
    }
    std::string out(1024, '\0');
    std::size_t size = out.size();
    EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                   reinterpret_cast<const unsigned char*>(text.data()), text.size());
    out.resize(size);
    return alg_.starts_with("ES") ? raw_of(out) : out;
  }
  /// DER to r and s of equal length.
  std::string raw_of(const std::string& der) const {
    const auto* bytes = reinterpret_cast<const unsigned char*>(der.data());
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> both(
        d2i_ECDSA_SIG(nullptr, &bytes, static_cast<long>(der.size())), ECDSA_SIG_free);
    const int half = alg_ == "ES256" ? 32 : alg_ == "ES384" ? 48 : 66;
    std::string out(static_cast<std::size_t>(2 * half), '\0');
    auto* to = reinterpret_cast<unsigned char*>(out.data());
    BN_bn2binpad(ECDSA_SIG_get0_r(both.get()), to, half);
    BN_bn2binpad(ECDSA_SIG_get0_s(both.get()), to + half, half);
    return out;
  }
  std::string alg_, kid_;
  std::shared_ptr<EVP_PKEY> key_;
};

} // namespace switchyard::http::access::testing
