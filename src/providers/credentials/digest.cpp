// Digests and signatures by OpenSSL.
#include "providers/credentials/digest.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include <algorithm>
#include <memory>

namespace switchyard::providers {

namespace {

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// Keys with a pass phrase are refused; OpenSSL would ask for it on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Key read_key(std::string_view pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(
      BIO_new_mem_buf(pem.data(), static_cast<int>(std::min<std::size_t>(pem.size(), 1 << 20))), BIO_free);
  EVP_PKEY* key = in ? PEM_read_bio_PrivateKey(in.get(), nullptr, no_passphrase, nullptr) : nullptr;
  ERR_clear_error();
  return Key(key, EVP_PKEY_free);
}

} // namespace

std::string sha256(std::string_view bytes) {
  std::string out(32, '\0');
  std::size_t size = out.size();
  EVP_Q_digest(nullptr, "SHA256", nullptr, bytes.data(), bytes.size(),
               reinterpret_cast<unsigned char*>(out.data()), &size);
  return out;
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
  std::string out(32, '\0');
  unsigned size = 32;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(bytes), bytes.size(),
       reinterpret_cast<unsigned char*>(out.data()), &size);
  return out;
}

std::string to_hex(std::string_view bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (unsigned char c : bytes) out += digits[c >> 4], out += digits[c & 15];
  return out;
}

std::string to_base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0'); // OpenSSL writes a final NUL
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), bytes_of(bytes),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string to_base64url(std::string_view bytes) {
  auto out = to_base64(bytes);
  while (!out.empty() && out.back() == '=') out.pop_back();
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  return out;
}

Result<std::string> sign_rs256(std::string_view pem, std::string_view text) {
  const auto key = read_key(pem);
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA)
    return Error(Errc::config, "the private key is not an unencrypted RSA key in PEM form");
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  std::size_t size = 0;
  std::string out;
  const bool signed_now =
      context &&
      EVP_DigestSignInit_ex(context.get(), nullptr, "SHA256", nullptr, nullptr, key.get(), nullptr) == 1 &&
      EVP_DigestSign(context.get(), nullptr, &size, bytes_of(text), text.size()) == 1 &&
      (out.resize(size), EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(out.data()), &size,
                                        bytes_of(text), text.size()) == 1);
  ERR_clear_error();
  if (!signed_now) return Error(Errc::config, "the private key cannot sign");
  out.resize(size);
  return out;
}

} // namespace switchyard::providers
