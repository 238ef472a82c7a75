// Percent-encoding.
#include "core/percent.hpp"

namespace switchyard {

std::string core::percent_encode(std::string_view text, std::string_view also) {
  constexpr std::string_view k_hex = "0123456789ABCDEF", k_marks = "-._~";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (plain || k_marks.find(c) != std::string_view::npos || also.find(c) != std::string_view::npos)
      out += c;
    else
      out += '%', out += k_hex[byte >> 4], out += k_hex[byte & 15];
  }
  return out;
}

} // namespace switchyard
