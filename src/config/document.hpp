// From files to one resolved document: includes, environment_variables, os.environ/, the 2023 forms.
// Main thread. Must not change the process environment: exports are kept until the whole load succeeded.
#pragma once

#include "config/report.hpp"

#include <switchyard/config_loader.hpp>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace switchyard::config {

/// The environment as this load sees it: `environment_variables` first, then the process.
class Variables {
 public:
  explicit Variables(const Environment& environment) : environment_(environment) {}
  std::optional<std::string> get(const std::string& name) const;
  void set(std::string name, std::string value) { own_[std::move(name)] = std::move(value); }
  /// Hands the entries of `environment_variables` to the process, where they differ.
  void publish() const;

 private:
  const Environment& environment_;
  std::map<std::string, std::string> own_;
};

/// The main file (`text` is its content) with everything it includes. Nothing when a file is unusable.
std::optional<Value> read_document(const std::string& file, std::string_view text,
                                   const Environment& environment, Report& report);

/// Takes `environment_variables` into `variables`; its values may be os.environ/X themselves.
void take_environment_variables(const Value& document, Variables& variables, Report& report);

/// Replaces every "os.environ/X" of the document, also inside lists. Unset gives null and one warning per
/// variable that names where it is used. "true" and "false" become booleans, as in LiteLLM.
void resolve_references(Value& document, const Variables& variables, Report& report);

/// `cache: {type: redis}` of 2023 becomes `cache: true` and `cache_params`.
void modernise(Value& document);

} // namespace switchyard::config
