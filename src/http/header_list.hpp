// The header lines of one message, as views, with a filter that answers most questions for absent names at
// once. Lives with the head that owns the bytes; shard code.
#pragma once

#include "http/header_text.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace switchyard::http {

struct HeaderView {
  std::string_view name, value;
};

class HeaderList {
 public:
  void add(HeaderView line) {
    seen_ |= bit(line.name);
    lines_.push_back(line);
  }
  void clear() noexcept { lines_.clear(), seen_ = 0; }
  std::size_t size() const noexcept { return lines_.size(); }
  auto begin() const noexcept { return lines_.begin(); }
  auto end() const noexcept { return lines_.end(); }
  const HeaderView& operator[](std::size_t i) const noexcept { return lines_[i]; }
  /// The first line of that name, compared without case; null when absent.
  const HeaderView* line(std::string_view name) const noexcept {
    if (!(seen_ & bit(name))) return nullptr;
    for (auto& line : lines_)
      if (same_text(line.name, name)) return &line;
    return nullptr;
  }
  std::string_view find(std::string_view name) const noexcept {
    auto* found = line(name);
    return found ? found->value : std::string_view{};
  }

 private:
  static std::uint64_t bit(std::string_view name) noexcept {
    if (name.empty()) return 1;
    auto letter = [](char c) { return static_cast<unsigned>(c | 0x20); };
    return 1ull << ((name.size() * 11 + letter(name.front()) * 3 + letter(name.back())) & 63);
  }
  std::vector<HeaderView> lines_;
  std::uint64_t seen_ = 0;
};

} // namespace switchyard::http
