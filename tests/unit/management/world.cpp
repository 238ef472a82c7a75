// The store of a world, and the masks of golden answers: apart, since regular expressions take long to
// compile.
#include "world.hpp"

#include "unit/storage/store_fixture.hpp"

#include <cstdlib>
#include <re2/re2.h>

namespace switchyard::management {

std::unique_ptr<storage::Store> empty_store() {
  const char* backend = std::getenv("SWITCHYARD_TEST_BACKEND");
  std::unique_ptr<storage::Store> store;
  storage::migrated_database(backend ? backend : "sqlite", store);
  return store;
}

std::string masked(const Value& value) {
  struct Mask {
    const char* pattern;
    const char* name;
  };
  constexpr Mask k_masks[] = {
      {"sk-[A-Za-z0-9_-]{22}", "KEY"},
      {"sk-\\.\\.\\.[A-Za-z0-9_-]{4}", "SHOWN"},
      {"[0-9a-f]{64}", "HASH"},
      {"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "ID"},
  };
  std::string text = to_json(value);
  for (auto& mask : k_masks) RE2::GlobalReplace(&text, mask.pattern, mask.name);
  return text;
}

} // namespace switchyard::management
