// An environment of maps for the loader's tests: no process state, no disk. One per test.
#pragma once

#include <switchyard/config_loader.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace switchyard::config {

struct World {
  std::map<std::string, std::string> variables, files, exported;
  CommandLine command_line;

  Environment environment() {
    Environment out;
    out.get = [this](const std::string& name) -> std::optional<std::string> {
      const auto found = variables.find(name);
      if (found == variables.end()) return std::nullopt;
      return found->second;
    };
    out.set = [this](const std::string& name, const std::string& value) { exported[name] = value; };
    out.read_file = [this](const std::string& path) -> Result<std::string> {
      const auto found = files.find(path);
      if (found != files.end()) return found->second;
      Error error{Errc::config};
      error.message = path + ": no such file";
      return error;
    };
    return out;
  }

  /// `text` as config.yaml, with the command line of this world.
  Result<ConfigPtr> load(const std::string& text) {
    files["config.yaml"] = text;
    LoadOptions options{command_line, environment()};
    options.command_line.file = "config.yaml";
    return config::load(options);
  }
  /// For texts that must load.
  ConfigPtr config(const std::string& text) {
    auto loaded = load(text);
    if (loaded) return *loaded;
    ADD_FAILURE() << loaded.error().message;
    return std::make_shared<Config>();
  }
  /// All error lines of a text that must not load.
  std::string errors(const std::string& text) {
    auto loaded = load(text);
    if (!loaded) return loaded.error().message;
    ADD_FAILURE() << "loaded:\n" << text;
    return {};
  }
};

/// A row of model_list with these members of litellm_params.
inline std::string row_with(const std::string& params) {
  return "model_list: [{model_name: a, litellm_params: {model: openai/x, " + params + "}}]\n";
}

inline std::string joined(const std::vector<std::string>& lines) {
  std::string out;
  for (const auto& line : lines) out += line + "\n";
  return out;
}

} // namespace switchyard::config
