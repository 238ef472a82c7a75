// ChunkedDecoder: a byte automaton for the framing, whole runs for the data. Every line ends in CRLF exactly;
// trailers are checked, capped and ignored.
#include "http/chunked.hpp"

#include <algorithm>

namespace switchyard::http {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_text(char c) {
  auto byte = static_cast<unsigned char>(c);
  return c == '\t' || (byte >= 0x20 && byte != 0x7f);
}

} // namespace

ChunkedDecoder::At ChunkedDecoder::size_digit(char c) noexcept {
  int digit = hex_value(c);
  if (digit < 0 || left_ >> 56 != 0) return At::malformed;
  left_ = left_ << 4 | static_cast<unsigned>(digit);
  return At::size;
}

ChunkedDecoder::At ChunkedDecoder::step(char c) noexcept {
  switch (at_) {
  case At::size_first:
    return left_ = 0, size_digit(c);
  case At::size:
    return c == '\r' ? At::size_feed : c == ';' ? At::extension : size_digit(c);
  case At::extension:
    if (c == '\r') return At::size_feed;
    return is_text(c) && ++extensions_ <= k_max_extensions ? At::extension : At::malformed;
  case At::size_feed:
    return c != '\n' ? At::malformed : left_ != 0 ? At::data : At::trailer_first;
  case At::data_return:
    return c == '\r' ? At::data_feed : At::malformed;
  case At::data_feed:
    return c == '\n' ? At::size_first : At::malformed;
  case At::trailer_first:
    if (c == '\r') return At::final_feed;
    return is_text(c) && c != ' ' && c != '\t' ? At::trailer : At::malformed;
  case At::trailer:
    if (c == '\r') return At::trailer_feed;
    return is_text(c) && ++trailers_ <= k_max_trailers ? At::trailer : At::malformed;
  case At::trailer_feed:
    return c == '\n' ? At::trailer_first : At::malformed;
  case At::final_feed:
    return c == '\n' ? At::done : At::malformed;
  case At::data:
  case At::done:
  case At::malformed:
    break;
  }
  return At::malformed;
}

ChunkedDecoder::Status ChunkedDecoder::next(std::string_view& input, std::string_view& data) noexcept {
  while (at_ != At::done && at_ != At::malformed && !input.empty()) {
    if (at_ == At::data) {
      data = input.substr(0, static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size())));
      input.remove_prefix(data.size());
      left_ -= data.size();
      if (left_ == 0) at_ = At::data_return;
      return Status::data;
    }
    at_ = step(input.front());
    input.remove_prefix(1);
  }
  if (at_ == At::done) return Status::done;
  return at_ == At::malformed ? Status::malformed : Status::more;
}

} // namespace switchyard::http
