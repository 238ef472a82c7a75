// The AWS event stream splitter. Pure; one per stream. A frame that came whole in one feed is never copied.
#include <switchyard/event_stream.hpp>

#include <zlib.h>

#include <cstdint>
#include <utility>

namespace switchyard {
namespace {

constexpr std::size_t k_prelude = 12, k_least = 16; // lengths and their checksum; an empty message

std::uint32_t big_endian(std::string_view text, std::size_t at, std::size_t size) noexcept {
  std::uint32_t out = 0;
  for (std::size_t i = 0; i < size; ++i) out = out << 8 | static_cast<unsigned char>(text[at + i]);
  return out;
}

bool sum_matches(std::string_view text, std::size_t size) noexcept {
  auto sum = crc32_z(0, reinterpret_cast<const Bytef*>(text.data()), size);
  return sum == big_endian(text, size, 4);
}

/// Bytes of a header's value by its type; -1 = two bytes of length come first, -2 = no such type.
int size_of_type(unsigned char type) noexcept {
  constexpr int k_sizes[] = {0, 0, 1, 2, 4, 8, -1, -1, 8, 16};
  return type < std::size(k_sizes) ? k_sizes[type] : -2;
}

/// Cuts one header off; only strings and byte strings have a value here.
bool cut_header(std::string_view& rest, std::string_view& name, std::string_view& value) noexcept {
  std::size_t at = 1 + static_cast<unsigned char>(rest[0]);
  if (at >= rest.size()) return false;
  name = rest.substr(1, at - 1);
  auto size = size_of_type(static_cast<unsigned char>(rest[at++]));
  if (size == -2) return false;
  bool text = size == -1;
  if (text) {
    if (rest.size() - at < 2) return false;
    size = static_cast<int>(big_endian(rest, at, 2)), at += 2;
  }
  if (rest.size() - at < static_cast<std::size_t>(size)) return false;
  value = text ? rest.substr(at, size) : std::string_view();
  rest.remove_prefix(at + size);
  return true;
}

struct Headers {
  std::string_view kind, event, exception, code, message;
};

bool read_headers(std::string_view rest, Headers& out) noexcept {
  constexpr std::pair<std::string_view, std::string_view Headers::*> k_names[] = {
      {":message-type", &Headers::kind},
      {":event-type", &Headers::event},
      {":exception-type", &Headers::exception},
      {":error-code", &Headers::code},
      {":error-message", &Headers::message}};
  while (!rest.empty()) {
    std::string_view name, value;
    if (!cut_header(rest, name, value)) return false;
    for (auto& known : k_names)
      if (known.first == name) out.*known.second = value;
  }
  return true;
}

} // namespace

Result<void> EventStreamSplitter::feed(std::string_view bytes) {
  if (error_) return *error_;
  if (!rest_.empty()) {
    std::swap(pending_, rest_);
    rest_.clear();
  } else if (at_ > 0 || input_.data() != pending_.data()) {
    pending_.clear();
  }
  input_ = pending_.empty() ? bytes : std::string_view(pending_.append(bytes));
  at_ = 0;
  return {};
}

bool EventStreamSplitter::next(Frame& frame) {
  if (error_) return false;
  auto rest = input_.substr(at_);
  if (rest.size() < k_prelude) return keep_rest(), false;
  if (!sum_matches(rest, 8)) return fail("the checksum of a message's lengths is wrong");
  std::size_t size = big_endian(rest, 0, 4), headers = big_endian(rest, 4, 4);
  if (size < k_least || headers > size - k_least) return fail("a message's lengths contradict each other");
  if (size > max_frame_) return fail("a message is larger than " + std::to_string(max_frame_) + " bytes");
  if (rest.size() < size) return keep_rest(), false;
  if (!sum_matches(rest, size - 4)) return fail("the checksum of a message is wrong");
  Headers read;
  if (!read_headers(rest.substr(k_prelude, headers), read)) return fail("a message's headers are malformed");
  frame = {read.event, rest.substr(k_prelude + headers, size - k_least - headers), false};
  if (read.kind == "exception") frame.event = read.exception, frame.is_exception = true;
  if (read.kind == "error") {
    frame.event = read.code, frame.is_exception = true;
    if (frame.data.empty()) frame.data = read.message;
  }
  at_ += size;
  return true;
}

bool EventStreamSplitter::fail(std::string_view what) {
  error_.emplace(Errc::bad_gateway, "the upstream's event stream is broken: " + std::string(what));
  return false;
}

/// The caller's bytes die with its next read. A partial frame that already stands alone in pending_ stays
/// there.
void EventStreamSplitter::keep_rest() {
  bool alone = at_ == 0 && input_.data() == pending_.data();
  if (alone || at_ == input_.size()) return;
  rest_ = input_.substr(at_);
}

} // namespace switchyard
