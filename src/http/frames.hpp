// Cuts an upstream's stream into events, whatever its framing: server-sent events, JSON lines, AWS event
// streams. One per stream. Views live until the next feed().
#pragma once

#include "http/sse.hpp"

#include <switchyard/event_stream.hpp>
#include <switchyard/provider.hpp>

#include <string>
#include <variant>

namespace switchyard::http {

/// A JSON object per line (blank lines and "data:" in front of it are ignored).
class LineSplitter {
 public:
  explicit LineSplitter(std::size_t max_line = 16 * 1024 * 1024) : max_line_(max_line) {}
  Result<void> feed(std::string_view bytes);
  bool next(SseFrame& frame);
  /// At the end of the stream: the last line even if its line break is missing.
  bool finish(SseFrame& frame);

 private:
  bool take(std::string_view line, SseFrame& frame);
  std::string pending_;
  std::size_t at_ = 0, max_line_;
};

class FrameReader {
 public:
  explicit FrameReader(providers::Framing framing);
  Result<void> feed(std::string_view bytes);
  bool next(SseFrame& frame);
  bool finish(SseFrame& frame);
  /// After next() returned false: what broke the stream, or null.
  const Error* error() const noexcept;

 private:
  std::variant<SseSplitter, LineSplitter, EventStreamSplitter> splitter_;
};

} // namespace switchyard::http
