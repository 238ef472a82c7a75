// Base64 by OpenSSL's block functions: credentials in headers, ids. Pure.
#pragma once

#include <openssl/evp.h>

#include <string>
#include <string_view>

namespace switchyard::http {

inline std::string to_base64(std::string_view text) {
  std::string out((text.size() + 2) / 3 * 4 + 1, '\0'); // OpenSSL writes a final NUL
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

/// Empty when it is none. For text: zero bytes at its end are taken for padding.
inline std::string from_base64(std::string_view text) {
  std::string out(text.size() + 4, '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                      reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  out.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  while (!out.empty() && out.back() == '\0') out.pop_back();
  return out;
}

} // namespace switchyard::http
