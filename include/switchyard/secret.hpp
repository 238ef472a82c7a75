// A secret that prints as ***; the only way to its bytes is reveal(), which is easy to grep for.
#pragma once

#include <ostream>
#include <string>
#include <string_view>

namespace switchyard {

class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string value) : value_(std::move(value)) {}
  bool empty() const noexcept { return value_.empty(); }
  std::string_view reveal() const noexcept { return value_; }
  /// Enough to recognise a key and no more: first 4 characters and stars (all stars below 12 characters).
  std::string masked() const;
  friend std::ostream& operator<<(std::ostream& out, const Secret&) { return out << "***"; }
  friend bool operator==(const Secret&, const Secret&) = default;

 private:
  std::string value_;
};

/// Compares in time that depends on the candidate's length only.
bool equal_constant_time(std::string_view candidate, const Secret& secret);

} // namespace switchyard
