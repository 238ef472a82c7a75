// A model name with '*' in it (spec router.md 1.5): anchored at both ends, each '*' takes as much as it can,
// as the regular expression (.*) does. Immutable.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::actors {

class Pattern {
 public:
  explicit Pattern(std::string_view text);
  /// On a match `stars` holds what each '*' took.
  bool match(std::string_view name, std::vector<std::string>& stars) const;
  /// Longer literal part first, then fewer stars.
  bool more_specific_than(const Pattern& other) const noexcept;

 private:
  std::vector<std::string> literals_; ///< the text around the stars: one more than stars
  std::size_t length_ = 0;            ///< of all literals
};

inline bool is_pattern(std::string_view name) noexcept { return name.find('*') != std::string_view::npos; }

} // namespace switchyard::actors
