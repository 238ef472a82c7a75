// Any bytes as a request body: scanner, splice, array walk and simdjson's DOM must agree (a body never
// authorises one model and forwards another). libFuzzer, one thread.
#include "../unit/core/json_oracle.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  unsigned choice = 0;
  for (std::size_t i = 0; i < size; ++i) choice = choice * 31 + data[i];
  const std::string found = switchyard::test::disagreement(text, choice >> 8);
  if (found.empty()) return 0;
  std::fprintf(stderr, "disagreement: %s\n", found.c_str());
  std::abort();
}
