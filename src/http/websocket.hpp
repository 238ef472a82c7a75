// RFC 6455 framing for a relay: reads frames piece by piece as bytes arrive and writes them again for the
// other side, unjoined. Pure state, no sockets, no randomness of its own. Refuses what an endpoint must
// refuse; knows no extensions, so the relay must not negotiate any. UTF-8 is the endpoints' business.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace switchyard::http::ws {

enum class Opcode : std::uint8_t { continuation = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10 };
constexpr bool is_control(Opcode opcode) noexcept { return static_cast<std::uint8_t>(opcode) >= 8; }

/// Reasons of RFC 6455 7.4 that the relay itself gives or looks at.
enum Code : std::uint16_t {
  k_normal = 1000,
  k_going_away = 1001,
  k_protocol_error = 1002,
  k_no_code = 1005, ///< a Close frame without one; never sent
  k_policy = 1008,
  k_too_big = 1009,
  k_internal = 1011
};

using Mask = std::array<unsigned char, 4>; ///< all zero: not masked

/// Some consecutive payload bytes of one frame. A control frame is always one piece.
struct Piece {
  Opcode opcode = Opcode::text;
  bool fin = true, first = true, last = true; ///< fin is the frame's; first and last piece of the frame
  std::uint64_t length = 0;                   ///< of the whole frame's payload
  std::string_view payload;                   ///< as received: masked with `mask`
  Mask mask{};                                ///< turned to where `payload` begins
  bool ends_message() const noexcept { return fin && last && !is_control(opcode); }
};

/// Appends `payload` with a mask laid over it (or taken off: it is the same).
void append_masked(std::string& out, std::string_view payload, const Mask& mask);

enum class Sender : std::uint8_t { client, server };

class FrameReader {
 public:
  enum class Status : std::uint8_t { more, piece, failed };

  /// Messages of data frames beyond `max_message` bytes are refused before their payload is looked at.
  FrameReader(Sender sender, std::uint64_t max_message) noexcept
      : sender_(sender), max_message_(max_message) {}

  /// Takes bytes from the front of `input`, however they are split. `out` is valid until the next call and as
  /// long as the input's bytes. Nothing follows a failure, and no data a Close frame.
  Status next(std::string_view& input, Piece& out);
  /// After `failed`: the code and the reason to close with.
  Code code() const noexcept { return code_; }
  std::string_view reason() const noexcept { return reason_; }

 private:
  static constexpr std::size_t k_longest_head = 14, k_longest_control = 125;
  bool gather(std::string_view& input, std::size_t wanted) noexcept;
  Status begin(std::string_view& input, Piece& out);
  Status take(std::string_view& input, Piece& out) noexcept;
  Status control(std::string_view& input, Piece& out);
  std::size_t head_size() const noexcept;
  bool read_length() noexcept;
  bool check_first_bytes();
  bool check_data();
  bool check_close(const Piece& close);
  bool fail(Code code, std::string_view reason) noexcept;

  const Sender sender_;
  const std::uint64_t max_message_;
  std::array<char, k_longest_head + k_longest_control> held_; ///< a head, and a control frame's payload
  std::size_t held_size_ = 0;
  std::uint64_t length_ = 0, left_ = 0, message_ = 0;
  Mask mask_{};
  Opcode opcode_ = Opcode::text;
  Code code_ = k_normal;
  std::string_view reason_;
  bool fin_ = true, in_message_ = false, in_payload_ = false, first_ = true, failed_ = false, closed_ = false;
};

/// Writes a reader's pieces as the frames that they came in.
class FrameWriter {
 public:
  /// `mask` counts at the first piece of a frame: a fresh one for frames to a server, all zero to a client.
  void append(std::string& out, const Piece& piece, const Mask& mask);
  /// False within a frame: nothing else can be sent then.
  bool between_frames() const noexcept { return between_; }

 private:
  Mask mask_{};
  bool between_ = true;
};

/// A whole frame of our own.
void append_frame(std::string& out, Opcode opcode, std::string_view payload, const Mask& mask);
/// The payload of a Close frame; the reason is cut to what fits. `k_no_code` = none.
std::string close_payload(std::uint16_t code, std::string_view reason);
/// The code of a Close frame.
std::uint16_t close_code(const Piece& close);

/// Sec-WebSocket-Accept of a Sec-WebSocket-Key (RFC 6455 4.2.2).
std::string accept_key(std::string_view key);

} // namespace switchyard::http::ws
