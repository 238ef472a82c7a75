// The real environment and file system behind the loader. Main thread; setenv is not safe against getenv
// elsewhere.
#include "config/yaml.hpp"

#include <switchyard/config_loader.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace switchyard::config {
namespace {

Error unreadable(const std::string& path, const std::string& why) {
  Error error{Errc::config};
  error.message = path + ": " + why;
  return error;
}

/// Regular files only: a FIFO or a device would block the start for ever.
Result<std::string> read_regular_file(const std::string& path) {
  std::error_code problem;
  const auto status = std::filesystem::status(path, problem);
  if (!std::filesystem::exists(status)) return unreadable(path, problem ? problem.message() : "no such file");
  if (!std::filesystem::is_regular_file(status)) return unreadable(path, "not a regular file");
  const auto size = std::filesystem::file_size(path, problem);
  if (!problem && size > k_max_file_bytes) return unreadable(path, "the file is bigger than 16 MB");
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return unreadable(path, "cannot be opened for reading");
  std::string text(std::istreambuf_iterator<char>(stream), {});
  if (stream.bad()) return unreadable(path, "cannot be read");
  return text;
}

} // namespace

Environment process_environment() {
  Environment out;
  out.get = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    if (!value) return std::nullopt;
    return std::string(value);
  };
  out.set = [](const std::string& name, const std::string& value) {
    ::setenv(name.c_str(), value.c_str(), 1);
  };
  out.read_file = read_regular_file;
  return out;
}

} // namespace switchyard::config
