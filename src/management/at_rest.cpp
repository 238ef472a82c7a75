// LiteLLM's three at-rest formats: libsodium's secretbox and OpenSSL's AES-256-GCM. Any thread,
// blocking-free.
#include "management/crypto.hpp"

#include <switchyard/at_rest.hpp>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <memory>
#include <sodium.h>
#include <stdexcept>

namespace switchyard::at_rest {
namespace {

using management::from_base64;
using management::random_bytes;
using management::sha256;

constexpr std::string_view k_v3 = "v3:gcm:", k_v2 = "v2:gcm:", k_info = "litellm-at-rest-v3";
constexpr std::size_t k_nonce = 12, k_tag = 16, k_key = 32;
constexpr std::size_t k_box_nonce = crypto_secretbox_NONCEBYTES, k_box_tag = crypto_secretbox_MACBYTES;

unsigned char* raw(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }
const unsigned char* raw(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

Error not_encrypted() { return {Errc::bad_request, "the value is not an encrypted one"}; }
Error wrong_key() {
  return {Errc::authentication,
          "the value cannot be decrypted: it is damaged, or was written under another salt or master key"};
}

std::string hmac(std::string_view key, std::string_view text) {
  std::string out(k_key, '\0');
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), raw(text), text.size(), raw(out), &size);
  return out;
}

/// HKDF-SHA256 without salt; one block is all that 32 bytes need (RFC 5869).
std::string hkdf(std::string_view material) {
  return hmac(hmac(std::string(k_key, '\0'), material), std::string(k_info) + '\x01');
}

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;
Cipher new_cipher() { return Cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free); }

Result<std::string> open_gcm(std::string_view text, const std::string& key) {
  const auto blob = from_base64(text);
  if (!blob || blob->size() < k_nonce + k_tag) return wrong_key();
  const std::string_view view = *blob;
  const auto body = view.substr(k_nonce, view.size() - k_nonce - k_tag);
  std::string tag(view.substr(view.size() - k_tag)), out(body.size(), '\0');
  const Cipher cipher = new_cipher();
  int size = 0, rest = 0;
  const bool good =
      EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, raw(key), raw(view)) == 1 &&
      EVP_DecryptUpdate(cipher.get(), raw(out), &size, raw(body), static_cast<int>(body.size())) == 1 &&
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, k_tag, tag.data()) == 1 &&
      EVP_DecryptFinal_ex(cipher.get(), raw(out) + size, &rest) == 1;
  if (!good) return wrong_key();
  return out;
}

std::string seal_gcm(std::string_view text, const std::string& key) {
  const std::string nonce = random_bytes(k_nonce);
  std::string out(text.size(), '\0'), tag(k_tag, '\0');
  const Cipher cipher = new_cipher();
  int size = 0, rest = 0;
  if (EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, raw(key), raw(nonce)) != 1 ||
      EVP_EncryptUpdate(cipher.get(), raw(out), &size, raw(text), static_cast<int>(text.size())) != 1 ||
      EVP_EncryptFinal_ex(cipher.get(), raw(out) + size, &rest) != 1 ||
      EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, k_tag, tag.data()) != 1)
    throw std::runtime_error("AES-256-GCM failed");
  return std::string(k_v3) + management::to_base64url(nonce + out + tag, true);
}

Result<std::string> open_box(std::string_view text, const std::string& key) {
  const auto blob = from_base64(text);
  if (!blob || blob->size() < k_box_nonce + k_box_tag) return not_encrypted();
  const std::string_view view = *blob;
  const auto sealed = view.substr(k_box_nonce);
  std::string out(sealed.size() - k_box_tag, '\0');
  if (crypto_secretbox_open_easy(raw(out), raw(sealed), sealed.size(), raw(view), raw(key)) != 0)
    return wrong_key();
  return out;
}

std::string seal_box(std::string_view text, const std::string& key) {
  const std::string nonce = random_bytes(k_box_nonce);
  std::string out(text.size() + k_box_tag, '\0');
  crypto_secretbox_easy(raw(out), raw(text), text.size(), raw(nonce), raw(key));
  return management::to_base64url(nonce + out, true);
}

} // namespace

Format format_of(std::string_view encryption_algorithm) noexcept {
  return encryption_algorithm == "aes-256-gcm" ? Format::aes_256_gcm : Format::xsalsa20_poly1305;
}

Secret key_material(const PlaneSettings& settings, const Secret& master_key) {
  return settings.salt_key.empty() ? master_key : settings.salt_key;
}

Result<std::string> decrypt(std::string_view stored, const Secret& material) {
  if (stored.starts_with(k_v3)) return open_gcm(stored.substr(k_v3.size()), hkdf(material.reveal()));
  if (stored.starts_with(k_v2)) return open_gcm(stored.substr(k_v2.size()), sha256(material.reveal()));
  return open_box(stored, sha256(material.reveal()));
}

Result<std::string> encrypt(std::string_view text, const Secret& material, Format format) {
  if (material.empty())
    return Error{Errc::config, "set LITELLM_SALT_KEY or general_settings.master_key: there is no key to "
                               "encrypt with"};
  if (format == Format::aes_256_gcm) return seal_gcm(text, hkdf(material.reveal()));
  return seal_box(text, sha256(material.reveal()));
}

} // namespace switchyard::at_rest
