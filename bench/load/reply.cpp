// Incremental reply reading for the load generator; one thread, no allocation for a reply that arrives whole.
#include "reply.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <strings.h>

namespace switchyard::load {
namespace {

constexpr std::size_t k_max_head = 1024 * 1024;

/// The value when `line` is the header `name` (lower case, with colon).
bool header_value(std::string_view line, std::string_view name, std::string_view& value) {
  if (line.size() < name.size() || ::strncasecmp(line.data(), name.data(), name.size()) != 0) return false;
  value = line.substr(name.size());
  while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
  return true;
}

bool number(std::string_view text, int base, std::uint64_t& out) {
  auto end = text.data() + text.size();
  auto parsed = std::from_chars(text.data(), end, out, base);
  return parsed.ec == std::errc{} && (parsed.ptr == end || *parsed.ptr == ';' || *parsed.ptr == ' ');
}

} // namespace

ReplyReader::State ReplyReader::feed(std::string_view& data) {
  if (part_ == Part::head) {
    auto state = read_head(data);
    if (state != State::more || part_ == Part::head) return state;
  }
  if (part_ == Part::length || part_ == Part::until_close) {
    auto n = part_ == Part::length ? std::min<std::uint64_t>(left_, data.size()) : data.size();
    count_events(data.substr(0, n));
    data.remove_prefix(n);
    left_ -= part_ == Part::length ? n : 0;
    return part_ == Part::length && left_ == 0 ? State::done : State::more;
  }
  return read_chunked(data);
}

ReplyReader::State ReplyReader::read_head(std::string_view& data) {
  for (;;) {
    std::string_view all = data;
    if (!head_.empty()) {
      head_.append(data);
      all = head_;
    }
    auto end = all.find("\r\n\r\n");
    if (end == all.npos) {
      if (head_.empty()) head_ = data;
      data = {};
      return head_.size() > k_max_head ? State::bad : State::more;
    }
    data.remove_prefix(end + 4 - (all.size() - data.size()));
    if (!parse_head(all.substr(0, end + 2))) return State::bad;
    head_.clear();
    bool interim = status_ >= 100 && status_ < 200;
    if (!interim) return status_ == 204 || (part_ == Part::length && left_ == 0) ? State::done : State::more;
    part_ = Part::head;
    if (data.empty()) return State::more;
  }
}

bool ReplyReader::parse_head(std::string_view head) {
  if (head.size() < 12 || !head.starts_with("HTTP/1.")) return false;
  keep_alive_ = head[7] == '1';
  status_ = (head[9] - '0') * 100 + (head[10] - '0') * 10 + (head[11] - '0');
  part_ = Part::until_close;
  std::string_view value;
  for (auto at = head.find("\r\n") + 2; at < head.size();) {
    auto end = head.find("\r\n", at);
    auto line = head.substr(at, end - at);
    at = end + 2;
    if (line.empty()) continue;
    // Only headers that begin with c or t matter here.
    if (header_value(line, "content-length:", value)) {
      if (!number(value, 10, left_)) return false;
      part_ = Part::length;
    } else if (header_value(line, "transfer-encoding:", value)) {
      part_ = Part::chunk_size;
    } else if (header_value(line, "connection:", value) && ::strncasecmp(value.data(), "close", 5) == 0) {
      keep_alive_ = false;
    }
  }
  return status_ >= 100 && status_ < 1000;
}

ReplyReader::State ReplyReader::read_chunked(std::string_view& data) {
  while (!data.empty()) {
    if (part_ == Part::chunk_data) {
      auto n = std::min<std::uint64_t>(left_, data.size());
      count_events(data.substr(0, n));
      data.remove_prefix(n);
      left_ -= n;
      if (left_ == 0) part_ = Part::chunk_end;
      continue;
    }
    auto state = read_line(data);
    if (state != State::more) return state;
  }
  return State::more;
}

ReplyReader::State ReplyReader::read_line(std::string_view& data) {
  const auto* lf = static_cast<const char*>(std::memchr(data.data(), '\n', data.size()));
  if (lf == nullptr) {
    head_.append(data);
    data = {};
    return head_.size() > 4096 ? State::bad : State::more;
  }
  auto length = static_cast<std::size_t>(lf - data.data());
  std::string_view line = data.substr(0, length);
  data.remove_prefix(length + 1);
  if (head_.empty()) return end_of_line(line);
  head_.append(line);
  std::string whole;
  whole.swap(head_);
  return end_of_line(whole);
}

ReplyReader::State ReplyReader::end_of_line(std::string_view line) {
  if (line.empty() || line.back() != '\r') return State::bad;
  line.remove_suffix(1);
  if (part_ == Part::chunk_end) {
    part_ = Part::chunk_size;
    return line.empty() ? State::more : State::bad;
  }
  if (part_ == Part::trailer) return line.empty() ? State::done : State::more;
  if (!number(line, 16, left_)) return State::bad;
  part_ = left_ == 0 ? Part::trailer : Part::chunk_data;
  return State::more;
}

/// An event ends with an empty line: two LFs with nothing but a CR between.
void ReplyReader::count_events(std::string_view payload) {
  body_seen_ = body_seen_ || !payload.empty();
  const char* at = payload.data();
  const char* end = at + payload.size();
  while (at < end) {
    if (newline_ && (*at == '\n' || *at == '\r')) {
      if (*at == '\n') events_++, newline_ = false;
      at++;
      continue;
    }
    newline_ = false;
    at = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(end - at)));
    if (at == nullptr) return;
    newline_ = true;
    at++;
  }
}

} // namespace switchyard::load
