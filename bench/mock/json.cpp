// JSON text for the mock's replies; pure.
#include "json.hpp"

#include <simdjson.h>

#include <cstdio>

namespace switchyard::mock {

void append_string(std::string& out, std::string_view text) {
  bool utf8 = simdjson::validate_utf8(text.data(), text.size());
  out.push_back('"');
  for (char c : text) {
    auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out.push_back('\\');
      out.push_back(c);
    } else if (byte >= 0x20 && (byte < 0x80 || utf8)) {
      out.push_back(c);
    } else {
      char escaped[8];
      std::snprintf(escaped, sizeof escaped, "\\u%04x", byte);
      out.append(escaped);
    }
  }
  out.push_back('"');
}

std::string json_text(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 2);
  append_string(out, text);
  return out;
}

} // namespace switchyard::mock
