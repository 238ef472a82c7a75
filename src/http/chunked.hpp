// Decoder of chunked bodies (RFC 9112 7.1), strict, one chunk run at a time. Pure; one per body. Never
// buffers: data comes out as views into the input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace switchyard::http {

class ChunkedDecoder {
 public:
  enum class Status : std::uint8_t { more, data, done, malformed };

  /// Takes what it can from the front of `input`. `data`: some body bytes in `data`, call again; `more`:
  /// input is used up; `done`: the body ended and the rest of `input` belongs to the next message.
  Status next(std::string_view& input, std::string_view& data) noexcept;
  void reset() noexcept { *this = {}; }

  static constexpr std::size_t k_max_extensions = 4096; ///< of the whole body together
  static constexpr std::size_t k_max_trailers = 8192;

 private:
  enum class At : std::uint8_t {
    size_first,
    size,
    extension,
    size_feed,
    data,
    data_return,
    data_feed,
    trailer_first,
    trailer,
    trailer_feed,
    final_feed,
    done,
    malformed
  };
  At step(char c) noexcept;
  At size_digit(char c) noexcept;

  At at_ = At::size_first;
  std::uint64_t left_ = 0;
  std::uint32_t extensions_ = 0, trailers_ = 0;
};

} // namespace switchyard::http
