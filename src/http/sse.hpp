// Splits a byte stream into server-sent events, whole frames at a time (WHATWG rules: LF, CRLF or CR,
// comments, BOM). Pure; one per stream. Views live until the next feed().
#pragma once

#include <switchyard/error.hpp>

#include <deque>
#include <string>
#include <string_view>

namespace switchyard::http {

struct SseFrame {
  std::string_view raw;   ///< the frame as received, its blank line included
  std::string_view event; ///< last `event:` field, or empty
  std::string_view data;  ///< `data:` fields joined by LF (a view into raw when there is one line)
};

class SseSplitter {
 public:
  explicit SseSplitter(std::size_t max_frame = 16 * 1024 * 1024) : max_frame_(max_frame) {}
  /// Hands over more bytes; call next() until it returns false before feeding again. When no partial frame is
  /// pending, frames are views straight into `bytes` (no copy).
  Result<void> feed(std::string_view bytes);
  /// The next complete frame; frames with neither data nor event (comments, heartbeats) come with empty data.
  bool next(SseFrame& frame);
  /// At the end of the stream, after next() returned false: the last frame even if its blank line is missing.
  bool finish(SseFrame& frame);

 private:
  std::size_t find_end(std::string_view rest) noexcept;
  void take(std::string_view raw, SseFrame& frame);
  void keep_rest();

  std::string pending_;            ///< the input, when it starts with a partial frame of earlier feeds
  std::string rest_;               ///< the partial frame at the end of the input
  std::deque<std::string> joined_; ///< data of several lines; frames of one feed live side by side
  std::string_view input_;
  std::size_t at_ = 0;      ///< of the current frame in input_
  std::size_t line_ = 0;    ///< of the current line, from at_ on
  std::size_t scanned_ = 0; ///< no line break before this, so that a long frame is not scanned twice
  std::size_t max_frame_;
  bool first_ = true, finished_ = false;
  bool lone_cr_ = false; ///< the stream's last line break was a CR alone
};

} // namespace switchyard::http
