// JSON text for the mock's replies; pure.
#include "json.hpp"

#include <simdjson.h>

#include <cstdio>

namespace switchyard::mock {
namespace {

void append_escape(std::string& out, char c) {
  if (c == '"' || c == '\\') {
    out.push_back('\\');
    out.push_back(c);
    return;
  }
  char escaped[8];
  std::snprintf(escaped, sizeof escaped, "\\u%04x", static_cast<unsigned>(static_cast<unsigned char>(c)));
  out.append(escaped);
}

} // namespace

void append_string(std::string& out, std::string_view text) {
  bool utf8 = simdjson::validate_utf8(text.data(), text.size());
  auto plain = [utf8](char c) {
    auto byte = static_cast<unsigned char>(c);
    return c != '"' && c != '\\' && byte >= 0x20 && (byte < 0x80 || utf8);
  };
  out.push_back('"');
  while (!text.empty()) { // runs, not bytes: this is most of a short reply's cost
    std::size_t run = 0;
    while (run < text.size() && plain(text[run])) run++;
    out.append(text.substr(0, run));
    if (run == text.size()) break;
    append_escape(out, text[run]);
    text.remove_prefix(run + 1);
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
