// Main's event loop: signals and changes of the configuration files. Blocks without polling.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace switchyard {

struct WatchHandlers {
  std::function<std::vector<std::string>()> reload; ///< returns the files to watch from now on
  std::function<void()>
      ready; ///< called once, when signals are caught: whoever reads the banner may send one
};

/// Calls reload on SIGHUP and when a watched file changes (also when it is replaced by rename, as editors and
/// Kubernetes do). Returns the number of the signal that asks to stop (SIGTERM or SIGINT).
int watch_until_stopped(std::vector<std::string> files, const WatchHandlers& handlers);

} // namespace switchyard
