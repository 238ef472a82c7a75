// Parts of response heads: prebuilt status lines, the Date line cached per second, chunk size lines. The
// cache belongs to one shard; the rest is immutable.
#pragma once

#include <switchyard/clock.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace switchyard::http {

/// "HTTP/1.1 404 Not Found\r\n"; an unknown status gets an empty reason phrase.
void append_status_line(std::string& out, int status);
void append_content_length(std::string& out, std::size_t length);
/// "1f4\r\n"
void append_chunk_size(std::string& out, std::size_t size);

/// "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n", formatted once per second.
class DateLine {
 public:
  std::string_view at(WallTime now);

 private:
  std::int64_t second_ = -1;
  std::array<char, 37> text_{};
};

} // namespace switchyard::http
