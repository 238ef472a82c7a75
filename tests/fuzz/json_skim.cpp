// Any bytes as an answer: the skimmer finds what the strict scanner finds, and takes no beginning for a
// whole. libFuzzer, one thread.
#include "../unit/core/json_skim_oracle.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  std::string found = switchyard::test::skim_disagreement(text);
  if (found.empty() && size < 512) found = switchyard::test::cut_disagreement(text);
  if (found.empty()) return 0;
  std::fprintf(stderr, "disagreement: %s\n", found.c_str());
  std::abort();
}
