// RFC 6455 framing: see websocket.hpp. Pure.
#include "http/websocket.hpp"

#include "http/base64.hpp"

#include <openssl/sha.h>

#include <algorithm>
#include <cstring>

namespace switchyard::http::ws {

namespace {

Mask turned(const Mask& mask, std::uint64_t by) noexcept {
  Mask out;
  for (std::size_t i = 0; i < 4; ++i) out[i] = mask[(i + by) % 4];
  return out;
}

/// Codes that may stand in a Close frame.
bool valid_code(std::uint16_t code) noexcept {
  if (code >= 3000 && code < 5000) return true;
  return code >= 1000 && code < 1016 && code != 1004 && code != 1005 && code != 1006 && code != 1015;
}

void append_head(std::string& out, bool fin, Opcode opcode, std::uint64_t length, const Mask& mask) {
  const bool masked = mask != Mask{};
  const char mark = masked ? '\x80' : '\0';
  out += static_cast<char>((fin ? 0x80 : 0) | static_cast<int>(opcode));
  int bytes = 0;
  if (length < 126)
    out += static_cast<char>(mark | static_cast<char>(length));
  else
    bytes = length <= 0xffff ? 2 : 8, out += static_cast<char>(mark | (bytes == 2 ? 126 : 127));
  while (bytes-- > 0) out += static_cast<char>(length >> (8 * bytes) & 0xff);
  if (masked) out.append(reinterpret_cast<const char*>(mask.data()), mask.size());
}

} // namespace

void append_masked(std::string& out, std::string_view payload, const Mask& mask) {
  const auto at = out.size();
  out.append(payload);
  if (mask == Mask{}) return;
  auto* bytes = reinterpret_cast<unsigned char*>(out.data()) + at;
  for (std::size_t i = 0; i < payload.size(); ++i) bytes[i] ^= mask[i % 4];
}

// -- reading

bool FrameReader::fail(Code code, std::string_view reason) noexcept {
  failed_ = true, code_ = code, reason_ = reason;
  return false;
}

/// True when `wanted` bytes are held.
bool FrameReader::gather(std::string_view& input, std::size_t wanted) noexcept {
  const auto n = std::min(input.size(), wanted - std::min(wanted, held_size_));
  std::memcpy(held_.data() + held_size_, input.data(), n);
  held_size_ += n;
  input.remove_prefix(n);
  return held_size_ >= wanted;
}

std::size_t FrameReader::head_size() const noexcept {
  const auto second = static_cast<unsigned char>(held_[1]);
  const auto length = second & 0x7f;
  return 2u + (length == 126 ? 2u : length == 127 ? 8u : 0u) + (second & 0x80 ? 4u : 0u);
}

bool FrameReader::read_length() noexcept {
  const auto* byte = reinterpret_cast<const unsigned char*>(held_.data());
  length_ = byte[1] & 0x7f;
  const int bytes = length_ == 126 ? 2 : length_ == 127 ? 8 : 0;
  if (bytes > 0) length_ = 0;
  for (int i = 0; i < bytes; ++i) length_ = length_ << 8 | byte[2 + i];
  mask_ = {};
  if (sender_ == Sender::client) std::memcpy(mask_.data(), byte + 2 + bytes, mask_.size());
  if ((bytes == 2 && length_ < 126) || (bytes == 8 && (length_ <= 0xffff || length_ >> 63 != 0)))
    return fail(k_protocol_error, "a frame's length is not written as it must be");
  return true;
}

bool FrameReader::check_first_bytes() {
  const auto first = static_cast<unsigned char>(held_[0]), second = static_cast<unsigned char>(held_[1]);
  const int number = first & 0x0f;
  fin_ = (first & 0x80) != 0;
  opcode_ = static_cast<Opcode>(number);
  if ((first & 0x70) != 0) return fail(k_protocol_error, "a frame has reserved bits set");
  if ((number > 2 && number < 8) || number > 10)
    return fail(k_protocol_error, "a frame has an unknown opcode");
  if (((second & 0x80) != 0) != (sender_ == Sender::client))
    return fail(k_protocol_error, sender_ == Sender::client ? std::string_view("a frame is not masked")
                                                            : std::string_view("a frame is masked"));
  if (is_control(opcode_) && (!fin_ || (second & 0x7f) > k_longest_control))
    return fail(k_protocol_error, "a control frame is fragmented or too long");
  return true;
}

bool FrameReader::check_data() {
  const bool goes_on = opcode_ == Opcode::continuation;
  if (goes_on != in_message_)
    return fail(k_protocol_error, goes_on ? std::string_view("a continuation of no message")
                                          : std::string_view("a message begins within another"));
  if (!goes_on) message_ = 0;
  if (length_ > max_message_ - std::min(max_message_, message_))
    return fail(k_too_big, "the message is too big");
  message_ += length_;
  in_message_ = !fin_;
  return true;
}

bool FrameReader::check_close(const Piece& close) {
  if (close.payload.size() == 1) return fail(k_protocol_error, "a close frame of one byte");
  if (!close.payload.empty() && !valid_code(close_code(close)))
    return fail(k_protocol_error, "a close frame with an invalid code");
  return true;
}

FrameReader::Status FrameReader::begin(std::string_view& input, Piece& out) {
  if (!gather(input, 2)) return Status::more;
  if (!check_first_bytes()) return Status::failed;
  const auto head = head_size();
  if (!gather(input, head)) return Status::more;
  if (!read_length()) return Status::failed;
  if (is_control(opcode_)) return control(input, out);
  if (!check_data()) return Status::failed;
  held_size_ = 0;
  left_ = length_;
  in_payload_ = first_ = true;
  return take(input, out);
}

FrameReader::Status FrameReader::control(std::string_view& input, Piece& out) {
  const auto head = head_size();
  if (!gather(input, head + static_cast<std::size_t>(length_))) return Status::more;
  held_size_ = 0;
  out = {opcode_, true, true, true, length_, {held_.data() + head, static_cast<std::size_t>(length_)}, mask_};
  if (opcode_ != Opcode::close) return Status::piece;
  closed_ = true;
  return check_close(out) ? Status::piece : Status::failed;
}

FrameReader::Status FrameReader::take(std::string_view& input, Piece& out) noexcept {
  const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left_, input.size()));
  if (n == 0 && left_ > 0) return Status::more;
  out = {opcode_, fin_, first_, n == left_, length_, input.substr(0, n), turned(mask_, length_ - left_)};
  input.remove_prefix(n);
  left_ -= n;
  first_ = false;
  in_payload_ = left_ > 0;
  return Status::piece;
}

FrameReader::Status FrameReader::next(std::string_view& input, Piece& out) {
  if (failed_) return Status::failed;
  if (closed_) return input = {}, Status::more;
  return in_payload_ ? take(input, out) : begin(input, out);
}

// -- writing

void FrameWriter::append(std::string& out, const Piece& piece, const Mask& mask) {
  if (piece.first) {
    append_head(out, piece.fin, piece.opcode, piece.length, mask);
    mask_ = mask;
  }
  Mask both;
  for (std::size_t i = 0; i < both.size(); ++i) both[i] = piece.mask[i] ^ mask_[i];
  append_masked(out, piece.payload, both);
  mask_ = turned(mask_, piece.payload.size());
  between_ = piece.last;
}

void append_frame(std::string& out, Opcode opcode, std::string_view payload, const Mask& mask) {
  append_head(out, true, opcode, payload.size(), mask);
  append_masked(out, payload, mask);
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
  constexpr std::size_t k_longest_reason = 123;
  std::string out;
  if (code == k_no_code) return out;
  out += static_cast<char>(code >> 8), out += static_cast<char>(code & 0xff);
  out += reason.substr(0, k_longest_reason); // our own reasons are ASCII
  return out;
}

std::uint16_t close_code(const Piece& close) {
  if (close.payload.size() < 2) return k_no_code;
  const auto byte = [&close](std::size_t i) {
    return static_cast<unsigned char>(static_cast<unsigned char>(close.payload[i]) ^ close.mask[i]);
  };
  return static_cast<std::uint16_t>(byte(0) << 8 | byte(1));
}

std::string accept_key(std::string_view key) {
  std::string text(key);
  text += "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  return to_base64({reinterpret_cast<const char*>(digest), sizeof digest});
}

} // namespace switchyard::http::ws
