// Fuzz target: encrypted values from a database. Any bytes give a value or an error; what we write we read;
// one changed character never decrypts to something else in silence.
#include <switchyard/at_rest.hpp>

#include <cstdint>
#include <cstdlib>

using namespace switchyard;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static const Secret key("sk-1234");
  (void)at_rest::decrypt(text, key);
  (void)at_rest::decrypt("v2:gcm:" + std::string(text), key);
  (void)at_rest::decrypt("v3:gcm:" + std::string(text), Secret(std::string(text)));
  const auto format = size % 2 ? at_rest::Format::aes_256_gcm : at_rest::Format::xsalsa20_poly1305;
  auto sealed = at_rest::encrypt(text, key, format);
  if (!sealed) std::abort();
  const auto opened = at_rest::decrypt(*sealed, key);
  if (!opened || *opened != text) std::abort();
  const std::size_t at = sealed->size() / 2;
  (*sealed)[at] = (*sealed)[at] == 'A' ? 'B' : 'A';
  if (auto damaged = at_rest::decrypt(*sealed, key); damaged && *damaged != text) std::abort();
  return 0;
}
