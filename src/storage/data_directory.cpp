// The data directory and its lock: a file that one process holds with flock, so that it ends with the
// process.
#include <switchyard/environment.hpp>
#include <switchyard/journal.hpp>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace switchyard::storage {
namespace {

constexpr std::string_view k_setting = "; another place is set with SWITCHYARD_DATA_DIR";

Error failure(const std::string& path, const std::string& problem) {
  return Error(Errc::config, "data directory " + path + ": " + problem + std::string(k_setting));
}

class Locked final : public DataDirectory {
 public:
  Locked(std::string path, int fd) : path_(std::move(path)), fd_(fd) {}
  ~Locked() override { ::close(fd_); }
  const std::string& path() const override { return path_; }

 private:
  const std::string path_;
  const int fd_;
};

std::string holder(int fd) {
  char text[32] = {};
  const ssize_t size = ::pread(fd, text, sizeof text - 1, 0);
  const std::string_view number(text, size > 0 ? static_cast<std::size_t>(size) : 0);
  return std::string(number.substr(0, number.find_first_not_of("0123456789")));
}

} // namespace

Result<std::unique_ptr<DataDirectory>> DataDirectory::open(const std::string& path) {
  if (path.empty()) return failure("\"\"", "no name");
  std::error_code problem;
  const std::filesystem::path wanted(path);
  if (wanted.has_parent_path()) std::filesystem::create_directories(wanted.parent_path(), problem);
  if (problem) return failure(path, problem.message());
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return failure(path, std::strerror(errno));
  if (!std::filesystem::is_directory(wanted, problem)) return failure(path, "it is a file");
  const int fd = ::open((path + "/lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return failure(path, std::strerror(errno));
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    const int reason = errno;
    const std::string process = holder(fd);
    ::close(fd);
    if (reason != EWOULDBLOCK) return failure(path, std::strerror(reason));
    return failure(path, "process " + (process.empty() ? "?" : process) + " uses it");
  }
  const std::string number = std::to_string(::getpid()) + "\n";
  if (::ftruncate(fd, 0) != 0 || ::pwrite(fd, number.data(), number.size(), 0) < 0) {
    const int reason = errno;
    ::close(fd);
    return failure(path, std::strerror(reason));
  }
  return Result<std::unique_ptr<DataDirectory>>(std::make_unique<Locked>(path, fd));
}

std::string default_data_directory(const std::string& configured) {
  if (!configured.empty()) return configured;
  if (auto path = environment_or_empty("SWITCHYARD_DATA_DIR"); !path.empty()) return path;
  if (auto path = environment_or_empty("STATE_DIRECTORY"); !path.empty())
    return path.substr(0, path.find(':')); // systemd lists all of a unit's
  if (auto path = environment_or_empty("XDG_STATE_HOME"); !path.empty()) return path + "/switchyard";
  if (auto path = environment_or_empty("HOME"); !path.empty() && path != "/")
    return path + "/.local/state/switchyard";
  return "/var/lib/switchyard";
}

} // namespace switchyard::storage
