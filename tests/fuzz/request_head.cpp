// Fuzzes the request head: scanner and parser agree, views stay inside, and what is taken obeys the framing
// rules.
#include "http/request_head.hpp"

#include "http/header_text.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace switchyard;
using namespace switchyard::http;

void require(bool claim) {
  if (!claim) std::abort();
}

bool inside(std::string_view part, std::string_view whole) {
  return part.empty() ||
         (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check(std::string_view text, const RequestHead& head) {
  std::size_t hosts = 0, lengths = 0, encodings = 0;
  for (auto& line : head.headers) {
    require(inside(line.name, text) && inside(line.value, text) && !line.name.empty());
    for (auto part : {line.name, line.value})
      require(part.find_first_of(std::string_view("\r\n\0", 3)) == part.npos);
    hosts += same_text(line.name, "host");
    lengths += same_text(line.name, "content-length");
    encodings += same_text(line.name, "transfer-encoding");
  }
  require(inside(head.path, text) || head.path == "/");
  require(inside(head.query, text) && !head.path.empty() && (head.path[0] == '/' || head.path == "*"));
  require(hosts <= 1 && lengths <= 1 && encodings <= 1 && (hosts == 1 || head.http_1_0));
  require((encodings == 1) == head.chunked && (lengths == 1) == head.content_length.has_value());
  require(!(head.chunked && (head.content_length || head.http_1_0)));
  require(head.headers.size() <= k_max_headers);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string input(reinterpret_cast<const char*>(data), size);
  HeadScanner whole, bytewise;
  auto state = whole.scan(input);
  auto split_state = HeadScanner::State::partial;
  for (std::size_t n = 1; n <= input.size() && split_state == HeadScanner::State::partial; ++n)
    split_state = bytewise.scan(std::string_view(input).substr(0, n));
  require(state == split_state);
  if (state != HeadScanner::State::complete) return 0;
  require(whole.size() == bytewise.size());
  std::string text = input.substr(0, whole.size()); // its own allocation, so that over-reads are seen
  RequestHead head;
  if (parse_request_head(text, head).empty()) check(text, head);
  return 0;
}
