// Fuzz target: the upstream reply head, found and parsed, whole and split in two; both ways must agree.
#include "http/upstream/reply_head.hpp"

#include <cstdlib>

using namespace switchyard::http;

namespace {

bool inside(std::string_view part, std::string_view whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

/// Everything that the parser accepts must be consistent.
void check_head(std::string_view head, bool to_head) {
  upstream::ReplyHead out;
  if (!upstream::parse_reply_head(head, to_head, out)) return;
  if (out.status < 100 || out.status > 999) std::abort();
  if (out.framing == upstream::Framing::length && !out.content_length) std::abort();
  if (out.framing == upstream::Framing::chunked && out.content_length) std::abort();
  if (out.framing == upstream::Framing::until_close && out.keep_alive) std::abort();
  for (auto& header : out.headers) {
    if (header.name.empty() || !inside(header.name, head) || !inside(header.value, head)) std::abort();
    if (header.value.find_first_of("\r\n") != header.value.npos) std::abort();
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  std::size_t line = 0, split_line = 0;
  auto whole = upstream::find_reply_head(text, line);
  auto split = data[0] % (text.size() + 1);
  auto part = upstream::find_reply_head(text.substr(0, split), split_line);
  if (part && *part == 0) part = upstream::find_reply_head(text, split_line);
  if (whole.has_value() != part.has_value() || (whole && *whole != *part)) std::abort();
  if (!whole || *whole == 0) return 0;
  check_head(text.substr(0, *whole), false);
  check_head(text.substr(0, *whole), true);
  return 0;
}
