// Decodes the chunked bodies of upstream replies in place. Pure, one per connection; keeps its state between
// any two bytes. Strict about CRLF, sizes and lengths; extensions and trailers are skipped under a cap.
#pragma once

#include <switchyard/error.hpp>

#include <cstddef>
#include <cstdint>

namespace switchyard::http::upstream {

class ChunkDecoder {
 public:
  struct Step {
    std::size_t consumed = 0, produced = 0;
  };
  /// Moves the payload of in[0, size) to `out`, which may overlap `in` from below (out <= in). Consumes
  /// everything unless the body ended before.
  Result<Step> decode(char* out, const char* in, std::size_t size);
  bool done() const noexcept { return state_ == State::done; }

 private:
  enum class State : std::uint8_t {
    size_first,
    size,
    extension,
    size_lf,
    data,
    data_cr,
    data_lf,
    trailer_first,
    trailer,
    trailer_lf,
    end_lf,
    done
  };
  bool framing_byte(unsigned char c) noexcept;
  bool size_digit(unsigned char c) noexcept;
  bool size_end(unsigned char c) noexcept;
  bool expect(unsigned char c, unsigned char wanted, State next) noexcept;
  bool skip_until_cr(unsigned char c, State next) noexcept;

  std::uint64_t left_ = 0;
  std::size_t skipped_ = 0;
  State state_ = State::size_first;
};

} // namespace switchyard::http::upstream
