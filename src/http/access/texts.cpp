// Lists and times as LiteLLM's messages print them. Pure.
#include "http/access/texts.hpp"

#include "core/date.hpp"

namespace switchyard::http::access {

std::string list_text(const std::vector<std::string>& items) {
  constexpr std::size_t k_most = 100; // a list of thousands helps nobody who reads it
  std::string out = "[";
  for (std::size_t i = 0; i < items.size() && i < k_most; ++i) {
    if (i != 0) out += ", ";
    out += '\'', out += items[i], out += '\'';
  }
  if (items.size() > k_most) out += ", ...";
  return out += ']';
}

std::string masked_id(std::string_view id) {
  constexpr std::size_t k_head = 6, k_tail = 2;
  if (id.size() <= k_head + k_tail) return std::string(id);
  return std::string(id.substr(0, k_head)) + "****" + std::string(id.substr(id.size() - k_tail));
}

std::string time_text(WallTime when) {
  std::string out;
  core::append_iso_time(out, when);
  return out;
}

} // namespace switchyard::http::access
