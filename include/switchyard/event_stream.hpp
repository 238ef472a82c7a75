// Splits a byte stream into the messages of AWS's event stream encoding (application/vnd.amazon.eventstream);
// both checksums are verified. Pure; one per stream. Views live until the next feed().
#pragma once

#include <switchyard/error.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace switchyard {

class EventStreamSplitter {
 public:
  struct Frame {
    std::string_view event; ///< ":event-type"; of exceptions ":exception-type", of errors ":error-code"
    std::string_view data;  ///< the payload; of errors ":error-message", when there is no payload
    bool is_exception = false;
  };
  explicit EventStreamSplitter(std::size_t max_frame = 25 * 1024 * 1024) : max_frame_(max_frame) {}
  /// Hands over more bytes; call next() until it returns false before feeding again. When no partial frame is
  /// pending, frames are views straight into `bytes` (no copy). Fails once the stream is broken.
  Result<void> feed(std::string_view bytes);
  /// The next complete frame. False = more bytes are needed, or the stream is broken: see error().
  bool next(Frame& frame);
  /// What broke the stream, behind the frames that came before; null = nothing. Ask when next() returned
  /// false.
  const Error* error() const noexcept { return error_ ? &*error_ : nullptr; }
  /// After next() returned false: the bytes ended inside a frame. At the end of the stream, it was cut off.
  bool partial() const noexcept { return at_ < input_.size(); }

 private:
  bool fail(std::string_view what);
  void keep_rest();

  std::string pending_; ///< the input, when it starts with a partial frame of earlier feeds
  std::string rest_;    ///< the partial frame at the end of the input
  std::string_view input_;
  std::size_t at_ = 0; ///< of the current frame in input_
  std::size_t max_frame_;
  std::optional<Error> error_;
};

} // namespace switchyard
