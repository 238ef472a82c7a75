// Prebuilt parts of response heads.
#include "http/response_head.hpp"

#include <charconv>
#include <chrono>
#include <cstring>

namespace switchyard::http {
namespace {

struct StatusLine {
  int status;
  std::string_view line;
};
constexpr StatusLine k_status_lines[] = {
    {101, "HTTP/1.1 101 Switching Protocols\r\n"},
    {200, "HTTP/1.1 200 OK\r\n"},
    {201, "HTTP/1.1 201 Created\r\n"},
    {202, "HTTP/1.1 202 Accepted\r\n"},
    {204, "HTTP/1.1 204 No Content\r\n"},
    {206, "HTTP/1.1 206 Partial Content\r\n"},
    {301, "HTTP/1.1 301 Moved Permanently\r\n"},
    {302, "HTTP/1.1 302 Found\r\n"},
    {303, "HTTP/1.1 303 See Other\r\n"},
    {304, "HTTP/1.1 304 Not Modified\r\n"},
    {307, "HTTP/1.1 307 Temporary Redirect\r\n"},
    {308, "HTTP/1.1 308 Permanent Redirect\r\n"},
    {400, "HTTP/1.1 400 Bad Request\r\n"},
    {401, "HTTP/1.1 401 Unauthorized\r\n"},
    {402, "HTTP/1.1 402 Payment Required\r\n"},
    {403, "HTTP/1.1 403 Forbidden\r\n"},
    {404, "HTTP/1.1 404 Not Found\r\n"},
    {405, "HTTP/1.1 405 Method Not Allowed\r\n"},
    {408, "HTTP/1.1 408 Request Timeout\r\n"},
    {409, "HTTP/1.1 409 Conflict\r\n"},
    {410, "HTTP/1.1 410 Gone\r\n"},
    {413, "HTTP/1.1 413 Content Too Large\r\n"},
    {415, "HTTP/1.1 415 Unsupported Media Type\r\n"},
    {422, "HTTP/1.1 422 Unprocessable Content\r\n"},
    {424, "HTTP/1.1 424 Failed Dependency\r\n"},
    {429, "HTTP/1.1 429 Too Many Requests\r\n"},
    {426, "HTTP/1.1 426 Upgrade Required\r\n"},
    {431, "HTTP/1.1 431 Request Header Fields Too Large\r\n"},
    {499, "HTTP/1.1 499 Client Closed Request\r\n"},
    {500, "HTTP/1.1 500 Internal Server Error\r\n"},
    {501, "HTTP/1.1 501 Not Implemented\r\n"},
    {502, "HTTP/1.1 502 Bad Gateway\r\n"},
    {503, "HTTP/1.1 503 Service Unavailable\r\n"},
    {504, "HTTP/1.1 504 Gateway Timeout\r\n"},
};

void append_number(std::string& out, std::uint64_t number, int base) {
  char digits[20];
  auto end = std::to_chars(digits, digits + sizeof digits, number, base).ptr;
  out.append(digits, end);
}

void two_digits(char* at, unsigned number) {
  at[0] = static_cast<char>('0' + number / 10 % 10);
  at[1] = static_cast<char>('0' + number % 10);
}

} // namespace

void append_status_line(std::string& out, int status) {
  for (auto& row : k_status_lines)
    if (row.status == status) return void(out.append(row.line));
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::uint64_t>(status), 10);
  out.append(" \r\n");
}

void append_content_length(std::string& out, std::size_t length) {
  out.append("Content-Length: ");
  append_number(out, length, 10);
  out.append("\r\n");
}

void append_chunk_size(std::string& out, std::size_t size) {
  append_number(out, size, 16);
  out.append("\r\n");
}

std::string_view DateLine::at(WallTime now) {
  auto second = std::chrono::floor<std::chrono::seconds>(now);
  auto count = static_cast<std::int64_t>(second.time_since_epoch().count());
  if (count == second_) return {text_.data(), text_.size()};
  second_ = count;
  auto day = std::chrono::floor<std::chrono::days>(second);
  std::chrono::year_month_day date{day};
  std::chrono::hh_mm_ss time{second - day};
  constexpr std::string_view k_days = "SunMonTueWedThuFriSat";
  constexpr std::string_view k_months = "JanFebMarAprMayJunJulAugSepOctNovDec";
  std::memcpy(text_.data(), "Date: Thu, 01 Jan 1970 00:00:00 GMT\r\n", text_.size());
  k_days.copy(&text_[6], 3, std::chrono::weekday{day}.c_encoding() * 3);
  two_digits(&text_[11], static_cast<unsigned>(date.day()));
  k_months.copy(&text_[14], 3, (static_cast<unsigned>(date.month()) - 1) * 3);
  auto year = static_cast<unsigned>(static_cast<int>(date.year()));
  two_digits(&text_[18], year / 100);
  two_digits(&text_[20], year);
  two_digits(&text_[23], static_cast<unsigned>(time.hours().count()));
  two_digits(&text_[26], static_cast<unsigned>(time.minutes().count()));
  two_digits(&text_[29], static_cast<unsigned>(time.seconds().count()));
  return {text_.data(), text_.size()};
}

} // namespace switchyard::http
