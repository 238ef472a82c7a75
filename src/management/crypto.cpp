// Hashes, encodings, passwords and session tokens of the management plane. Pure but for the system's
// generator.
#include "management/crypto.hpp"

#include "management/secrets.hpp"

#include <switchyard/json.hpp>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include <array>
#include <stdexcept>

namespace switchyard::management {
namespace {

constexpr std::string_view k_standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view k_url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view k_scrypt = "scrypt:";
constexpr std::size_t k_salt = 16, k_derived = 32;

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* bytes_of(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string encode(std::string_view bytes, std::string_view alphabet, bool padded) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned block = 0;
    for (std::size_t k = 0; k < 3; ++k)
      block = block << 8 | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0u);
    const std::size_t left = bytes.size() - i;
    for (std::size_t k = 0; k < 4; ++k)
      if (k <= left)
        out += alphabet[block >> (18 - 6 * k) & 63];
      else if (padded)
        out += '=';
  }
  return out;
}

constexpr std::array<signed char, 256> k_sextets = [] {
  std::array<signed char, 256> table{};
  for (auto& entry : table) entry = -1;
  for (std::size_t i = 0; i < 64; ++i)
    table[static_cast<unsigned char>(k_standard[i])] = table[static_cast<unsigned char>(k_url[i])] =
        static_cast<signed char>(i);
  return table;
}();

std::string derive(std::string_view password, std::string_view salt) {
  std::string key(k_derived, '\0');
  constexpr std::uint64_t n = 16384, r = 8, p = 1, most_memory = 64u << 20;
  if (EVP_PBE_scrypt(password.data(), password.size(), bytes_of(salt), salt.size(), n, r, p, most_memory,
                     bytes_of(key), key.size()) != 1)
    throw std::runtime_error("scrypt failed");
  return key;
}

bool same_bytes(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string hmac_sha256(std::string_view text, const Secret& key) {
  std::string out(SHA256_DIGEST_LENGTH, '\0');
  unsigned size = 0;
  HMAC(EVP_sha256(), key.reveal().data(), static_cast<int>(key.reveal().size()), bytes_of(text), text.size(),
       bytes_of(out), &size);
  return out;
}

} // namespace

std::string random_bytes(std::size_t count) {
  std::string out(count, '\0');
  if (RAND_bytes(bytes_of(out), static_cast<int>(count)) != 1)
    throw std::runtime_error("the system's random generator failed");
  return out;
}

std::string sha256(std::string_view bytes) {
  std::string out(SHA256_DIGEST_LENGTH, '\0');
  SHA256(bytes_of(bytes), bytes.size(), bytes_of(out));
  return out;
}

std::string to_base64(std::string_view bytes) { return encode(bytes, k_standard, true); }
std::string to_base64url(std::string_view bytes, bool padded) { return encode(bytes, k_url, padded); }

std::optional<std::string> from_base64(std::string_view text) {
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  unsigned block = 0;
  int bits = 0;
  for (const char c : text) {
    const int value = k_sextets[static_cast<unsigned char>(c)];
    if (value < 0) return std::nullopt;
    block = (block << 6 | static_cast<unsigned>(value)) & 0xFFFFFF;
    if ((bits += 6) < 8) continue;
    bits -= 8;
    out += static_cast<char>(block >> bits & 255);
  }
  return out;
}

std::string hash_password(std::string_view password) {
  const std::string salt = random_bytes(k_salt);
  return std::string(k_scrypt) + to_base64(salt + derive(password, salt));
}

bool password_matches(std::string_view password, std::string_view stored) {
  if (!stored.starts_with(k_scrypt)) return same_bytes(hash_of(password), stored);
  const auto bytes = from_base64(stored.substr(k_scrypt.size()));
  if (!bytes || bytes->size() != k_salt + k_derived) return false;
  const std::string_view view = *bytes;
  return same_bytes(derive(password, view.substr(0, k_salt)), view.substr(k_salt));
}

bool password_is_outdated(std::string_view stored) { return !stored.starts_with(k_scrypt); }

std::string sign_token(const Value& claims, const Secret& key) {
  std::string text = to_base64url(R"({"alg":"HS256","typ":"JWT"})", false);
  text += '.' + to_base64url(to_json(claims), false);
  return text + '.' + to_base64url(hmac_sha256(text, key), false);
}

Result<Value> read_token(std::string_view token, const Secret& key) {
  const Error wrong{Errc::authentication, "the token is not one of ours"};
  const auto dot = token.rfind('.');
  const auto first = token.find('.');
  if (dot == std::string_view::npos || first == dot) return wrong;
  const auto signature = from_base64(token.substr(dot + 1));
  if (!signature || !same_bytes(*signature, hmac_sha256(token.substr(0, dot), key))) return wrong;
  const auto claims = from_base64(token.substr(first + 1, dot - first - 1));
  if (!claims) return wrong;
  return parse_json(*claims);
}

} // namespace switchyard::management
