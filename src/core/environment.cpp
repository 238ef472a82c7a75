// The environment overlay. The lock is taken at start-up, on reloads and when a `model: "*"` row meets a new
// request.
#include <switchyard/environment.hpp>

#include <cstdlib>
#include <map>
#include <mutex>
#include <shared_mutex>

namespace switchyard {

namespace {

struct Overlay {
  std::shared_mutex mutex;
  std::map<std::string, std::string, std::less<>> values;
};

Overlay& overlay() {
  static Overlay instance;
  return instance;
}

} // namespace

std::optional<std::string> environment(std::string_view name) {
  {
    std::shared_lock lock(overlay().mutex);
    if (auto it = overlay().values.find(name); it != overlay().values.end()) return it->second;
  }
  auto* value = std::getenv(std::string(name).c_str());
  if (!value) return std::nullopt;
  return std::string(value);
}

std::string environment_or_empty(std::string_view name) { return environment(name).value_or(std::string()); }

void set_environment(std::string name, std::string value) {
  std::unique_lock lock(overlay().mutex);
  overlay().values.insert_or_assign(std::move(name), std::move(value));
}

} // namespace switchyard
