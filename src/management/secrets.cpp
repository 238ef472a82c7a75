// Keys and ids out of the system's generator, and a key's stored form. Any thread.
#include "management/secrets.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace switchyard::management {
namespace {

constexpr char k_hex[] = "0123456789abcdef";
using Bytes = std::array<unsigned char, 16>;

Bytes random_bytes() {
  Bytes bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1)
    throw std::runtime_error("the system's random generator failed");
  return bytes;
}

void append_hex(std::string& out, unsigned char byte) { out += k_hex[byte >> 4], out += k_hex[byte & 15]; }

} // namespace

std::string new_key() {
  const Bytes bytes = random_bytes();
  std::array<unsigned char, 25> encoded{};
  EVP_EncodeBlock(encoded.data(), bytes.data(), static_cast<int>(bytes.size()));
  std::string out = "sk-";
  for (unsigned char c : encoded)
    if (c && c != '=') out += c == '+' ? '-' : c == '/' ? '_' : static_cast<char>(c);
  return out;
}

std::string new_id() {
  Bytes bytes = random_bytes();
  bytes[6] = static_cast<unsigned char>((bytes[6] & 0x0F) | 0x40);
  bytes[8] = static_cast<unsigned char>((bytes[8] & 0x3F) | 0x80);
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    append_hex(out, bytes[i]);
  }
  return out;
}

std::string hash_of(std::string_view text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("sha256 failed");
  std::string out;
  for (unsigned i = 0; i < size; ++i) append_hex(out, digest[i]);
  return out;
}

bool is_hash(std::string_view text) {
  return text.size() == 64 && text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string token_of(std::string_view key) { return is_hash(key) ? std::string(key) : hash_of(key); }

std::string shown_key(std::string_view key) {
  return "sk-..." + std::string(key.substr(key.size() - std::min<std::size_t>(key.size() / 4, 4)));
}

} // namespace switchyard::management
