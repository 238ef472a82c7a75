// Loading libpq by name. Runs once, at start-up or on a store's first use; must not run on a shard.
#include "storage/postgres/libpq.hpp"

#include <dlfcn.h>
#include <string>

namespace switchyard::storage {
namespace {

constexpr const char* k_library = "libpq.so.5"; // the ABI of every libpq since 2004

struct Loaded {
  LibPq functions;
  std::string problem; ///< empty = loaded
};

Error why_not(const std::string& problem) {
  return Error(Errc::config, "database_url: a Postgres database needs " + std::string(k_library) +
                                 ", which cannot be loaded (on Debian: apt install libpq5): " + problem);
}

std::string last_problem() {
  const char* text = ::dlerror();
  return text ? text : "unknown reason";
}

template <class Function>
void find(void* library, const char* name, Function& out, std::string& problem) {
  out = reinterpret_cast<Function>(::dlsym(library, name));
  if (!out && problem.empty()) problem = last_problem();
}

Loaded load() {
  Loaded loaded;
  void* library = ::dlopen(k_library, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    loaded.problem = last_problem();
    return loaded;
  }
#define SWITCHYARD_FIND(name) find(library, #name, loaded.functions.name, loaded.problem);
  SWITCHYARD_LIBPQ(SWITCHYARD_FIND)
#undef SWITCHYARD_FIND
  return loaded;
}

const Loaded& loaded() {
  static const Loaded once = load();
  return once;
}

} // namespace

Result<void> load_libpq() {
  if (!loaded().problem.empty()) return why_not(loaded().problem);
  return {};
}

const LibPq& pq() noexcept {
  static const LibPq& functions = loaded().functions;
  return functions;
}

} // namespace switchyard::storage
