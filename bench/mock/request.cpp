// HTTP/1.1 request reading for the mock; runs on its only thread. Lenient where it does not matter to a test,
// strict about framing: a gateway that forwards a smuggled request must fail here.
#include "request.hpp"

#include <algorithm>
#include <charconv>

namespace switchyard::mock {
namespace {

constexpr std::size_t k_max_head = 1024 * 1024;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool parse_size(std::string_view text, int base, std::size_t& out) {
  auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  return ec == std::errc{} && end == text.data() + text.size() && !text.empty();
}

bool parse_request_line(std::string_view line, Request& out) {
  auto first = line.find(' ');
  auto last = line.rfind(' ');
  if (first == line.npos || first == last) return false;
  out.method = line.substr(0, first);
  out.target = line.substr(first + 1, last - first - 1);
  out.keep_alive = line.substr(last + 1) == "HTTP/1.1";
  auto mark = out.target.find('?');
  out.path = out.target.substr(0, mark);
  out.query = mark == out.target.npos ? std::string_view{} : out.target.substr(mark + 1);
  return line.substr(last + 1).starts_with("HTTP/1.");
}

} // namespace

bool same_word(std::string_view a, std::string_view b) {
  return a.size() == b.size() &&
         std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view Request::header(std::string_view name) const {
  for (const auto& h : headers)
    if (same_word(h.name, name)) return h.value;
  return {};
}

bool RequestReader::parse_head(std::string_view head, Request& out) {
  out.headers.clear();
  auto at = head.find("\r\n");
  if (!parse_request_line(head.substr(0, at), out)) return false;
  framing_ = Framing::length;
  length_ = 0;
  bool has_length = false;
  for (at += 2; at < head.size();) {
    auto end = head.find("\r\n", at);
    auto line = head.substr(at, end - at);
    at = end + 2;
    auto colon = line.find(':');
    if (colon == line.npos || colon == 0) return false;
    Header h{line.substr(0, colon), trim(line.substr(colon + 1))};
    out.headers.push_back(h);
    if (same_word(h.name, "content-length")) {
      if (has_length || !parse_size(h.value, 10, length_)) return false;
      has_length = true;
    } else if (same_word(h.name, "transfer-encoding")) {
      if (framing_ == Framing::chunked || !same_word(h.value, "chunked")) return false;
      framing_ = Framing::chunked;
    } else if (same_word(h.name, "connection") && same_word(h.value, "close")) {
      out.keep_alive = false;
    }
  }
  return !(has_length && framing_ == Framing::chunked);
}

RequestReader::State RequestReader::wait_body(const Request& request) {
  if (continued_ || !same_word(request.header("expect"), "100-continue")) return State::need_more;
  continued_ = true;
  return State::need_continue;
}

RequestReader::State RequestReader::decode_chunks(std::string_view data) {
  for (;;) {
    auto eol = data.find("\r\n", chunk_at_);
    if (eol == data.npos) return data.size() - chunk_at_ > 4096 ? State::bad : State::need_more;
    auto line = data.substr(chunk_at_, eol - chunk_at_);
    std::size_t size = 0;
    if (!parse_size(trim(line.substr(0, line.find(';'))), 16, size)) return State::bad;
    if (size == 0) { // trailers are read and dropped
      auto stop = data.find("\r\n", eol + 2) == eol + 2 ? eol + 4 : data.find("\r\n\r\n", eol + 2);
      if (stop == data.npos) return State::need_more;
      end_ = stop == eol + 4 ? stop : stop + 4;
      return State::ready;
    }
    if (data.size() - eol - 2 < size + 2) return State::need_more;
    if (data.substr(eol + 2 + size, 2) != "\r\n") return State::bad;
    decoded_.append(data, eol + 2, size);
    chunk_at_ = eol + 4 + size;
  }
}

RequestReader::State RequestReader::next(std::string_view data, Request& out) {
  if (framing_ == Framing::unknown) {
    auto end = data.find("\r\n\r\n", scanned_);
    if (end == data.npos) {
      scanned_ = data.size() < 3 ? 0 : data.size() - 3;
      return data.size() > k_max_head ? State::bad : State::need_more;
    }
    body_begin_ = chunk_at_ = end + 4;
    if (!parse_head(data.substr(0, end + 2), out)) return State::bad;
  } else if (!parse_head(data.substr(0, body_begin_ - 2), out)) { // the buffer moved: views anew
    return State::bad;
  }
  if (framing_ == Framing::chunked) {
    auto state = decode_chunks(data);
    if (state == State::need_more) return wait_body(out);
    out.body = decoded_;
    return state;
  }
  if (data.size() - body_begin_ < length_) return wait_body(out);
  out.body = data.substr(body_begin_, length_);
  end_ = body_begin_ + length_;
  return State::ready;
}

std::size_t RequestReader::consume() {
  auto used = end_;
  auto buffer = std::move(decoded_);
  *this = RequestReader{};
  if (buffer.capacity() < 65536) {
    buffer.clear();
    decoded_ = std::move(buffer);
  }
  return used;
}

} // namespace switchyard::mock
