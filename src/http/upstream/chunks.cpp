// The chunked state machine: payload by memmove, framing byte by byte. Pure, used on every shard.
#include "http/upstream/chunks.hpp"

#include "http/upstream/failure.hpp"

#include <algorithm>
#include <cstring>

namespace switchyard::http::upstream {
namespace {

constexpr std::size_t k_max_skipped = 16 * 1024; ///< extensions of one chunk, or all trailers
constexpr std::uint64_t k_max_chunk = std::uint64_t{1} << 48;

int hex_value(unsigned char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  c |= 0x20;
  return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

} // namespace

Result<ChunkDecoder::Step> ChunkDecoder::decode(char* out, const char* in, std::size_t size) {
  Step step;
  while (step.consumed < size && state_ != State::done) {
    if (state_ != State::data) {
      if (!framing_byte(static_cast<unsigned char>(in[step.consumed])))
        return failure(Errc::api_connection, "the upstream sent a body with broken chunks");
      ++step.consumed;
      continue;
    }
    auto piece = static_cast<std::size_t>(std::min<std::uint64_t>(left_, size - step.consumed));
    if (out + step.produced != in + step.consumed)
      std::memmove(out + step.produced, in + step.consumed, piece);
    step.consumed += piece, step.produced += piece, left_ -= piece;
    if (left_ == 0) state_ = State::data_cr;
  }
  return step;
}

bool ChunkDecoder::framing_byte(unsigned char c) noexcept {
  switch (state_) {
  case State::size_first:
    left_ = 0, skipped_ = 0, state_ = State::size;
    return size_digit(c);
  case State::size:
    return size_digit(c) || size_end(c);
  case State::extension:
    return skip_until_cr(c, State::size_lf);
  case State::size_lf:
    return expect(c, '\n', left_ ? State::data : State::trailer_first);
  case State::data_cr:
    return expect(c, '\r', State::data_lf);
  case State::data_lf:
    return expect(c, '\n', State::size_first);
  case State::trailer_first:
    if (c == '\r') return state_ = State::end_lf, true;
    state_ = State::trailer;
    [[fallthrough]];
  case State::trailer:
    return skip_until_cr(c, State::trailer_lf);
  case State::trailer_lf:
    return expect(c, '\n', State::trailer_first);
  case State::end_lf:
    return expect(c, '\n', State::done);
  default:
    return false;
  }
}

bool ChunkDecoder::size_digit(unsigned char c) noexcept {
  int digit = hex_value(c);
  if (digit < 0 || left_ > k_max_chunk / 16) return false;
  left_ = left_ * 16 + static_cast<unsigned>(digit);
  return true;
}

/// Some servers pad the size with spaces; those count as an extension.
bool ChunkDecoder::size_end(unsigned char c) noexcept {
  if (c == '\r') return state_ = State::size_lf, true;
  state_ = State::extension;
  return c == ';' || c == ' ' || c == '\t';
}

bool ChunkDecoder::expect(unsigned char c, unsigned char wanted, State next) noexcept {
  state_ = next;
  return c == wanted;
}

bool ChunkDecoder::skip_until_cr(unsigned char c, State next) noexcept {
  if (c == '\r') return state_ = next, true;
  return c != '\n' && ++skipped_ <= k_max_skipped;
}

} // namespace switchyard::http::upstream
