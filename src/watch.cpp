// Signals through a signal_set, files through inotify on their directories.
#include "watch.hpp"

#include <switchyard/log.hpp>

#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <csignal>
#include <filesystem>
#include <set>
#include <sys/inotify.h>
#include <unistd.h>

namespace switchyard {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

/// Writes of one change come in bursts; the reload waits until they are over.
constexpr std::chrono::milliseconds k_settle{100};

class Watch {
 public:
  Watch(std::vector<std::string> files, const WatchHandlers& handlers)
      : handlers_(handlers), signals_(context_, SIGTERM, SIGINT, SIGHUP), notify_(context_),
        settle_(context_) {
    if (int fd = ::inotify_init1(IN_NONBLOCK | IN_CLOEXEC); fd >= 0) notify_.assign(fd);
    follow(files);
    wait_signal();
    if (notify_.is_open()) wait_change();
  }

  int run() {
    handlers_.ready();
    context_.run();
    return signal_;
  }

 private:
  /// Watches the files' directories (and those of what they link to): a replaced file is a new inode.
  void follow(const std::vector<std::string>& files) {
    namespace fs = std::filesystem;
    for (auto& file : files) {
      std::error_code ignored;
      auto path = fs::absolute(file, ignored);
      add_directory(path.parent_path());
      add_directory(fs::canonical(path, ignored).parent_path());
    }
  }

  void add_directory(const std::filesystem::path& directory) {
    if (directory.empty() || !notify_.is_open() || !directories_.insert(directory).second) return;
    if (::inotify_add_watch(notify_.native_handle(), directory.c_str(),
                            IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE) < 0)
      log::warning("config.not_watched", {{"directory", directory.string()}});
  }

  void wait_signal() {
    signals_.async_wait([this](error_code ec, int number) {
      if (ec) return;
      if (number != SIGHUP) {
        signal_ = number;
        context_.stop();
        return;
      }
      reload();
      wait_signal();
    });
  }

  void wait_change() {
    notify_.async_read_some(asio::buffer(events_), [this](error_code ec, std::size_t) {
      if (ec) return;
      settle_.expires_after(k_settle); // restarts the wait of an earlier event
      settle_.async_wait([this](error_code cancelled) {
        if (!cancelled) reload();
      });
      wait_change();
    });
  }

  void reload() { follow(handlers_.reload()); }

  asio::io_context context_{1};
  const WatchHandlers& handlers_;
  asio::signal_set signals_;
  asio::posix::stream_descriptor notify_;
  asio::steady_timer settle_;
  std::array<char, 4096> events_{};
  std::set<std::filesystem::path> directories_;
  int signal_ = 0;
};

} // namespace

int watch_until_stopped(std::vector<std::string> files, const WatchHandlers& handlers) {
  return Watch(std::move(files), handlers).run();
}

} // namespace switchyard
