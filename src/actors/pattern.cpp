// Matching of wildcard model names. Linear apart from rfind; no backtracking that a client's name could blow
// up.
#include "actors/pattern.hpp"

#include <algorithm>

namespace switchyard::actors {

Pattern::Pattern(std::string_view text) {
  for (;;) {
    const auto star = text.find('*');
    literals_.emplace_back(text.substr(0, star));
    length_ += literals_.back().size();
    if (star == std::string_view::npos) return;
    text.remove_prefix(star + 1);
  }
}

bool Pattern::match(std::string_view name, std::vector<std::string>& stars) const {
  if (name.size() < length_ || !name.starts_with(literals_.front())) return false;
  if (literals_.size() == 1) return name.size() == length_;
  if (!name.ends_with(literals_.back())) return false;
  stars.assign(literals_.size() - 1, {});
  // From the right, each literal as far right as it goes: that gives the earlier stars the most.
  const auto front = literals_.front().size();
  auto end = name.size() - literals_.back().size();
  for (auto i = literals_.size() - 1; i-- > 1;) {
    const auto inner = name.substr(front, end - front);
    const auto at = inner.rfind(literals_[i]);
    if (at == std::string_view::npos) return false;
    const auto after = at + literals_[i].size();
    stars[i] = inner.substr(after);
    end = front + at;
  }
  stars[0] = name.substr(front, end - front);
  return true;
}

bool Pattern::more_specific_than(const Pattern& other) const noexcept {
  if (length_ != other.length_) return length_ > other.length_;
  return literals_.size() < other.literals_.size();
}

} // namespace switchyard::actors
