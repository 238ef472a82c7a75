// Cuts an upstream's stream into events. Pure; one per stream.
#include "http/frames.hpp"

#include "http/header_text.hpp"

namespace switchyard::http {

Result<void> LineSplitter::feed(std::string_view bytes) {
  pending_.erase(0, at_);
  at_ = 0;
  pending_ += bytes;
  if (pending_.size() > max_line_ && pending_.find('\n') == std::string::npos)
    return Error(Errc::bad_gateway, "a line of the upstream's stream is too long");
  return {};
}

bool LineSplitter::take(std::string_view line, SseFrame& frame) {
  frame.raw = line;
  line = trim(line);
  if (line.starts_with("data:")) line = trim(line.substr(5));
  frame.event = {}, frame.data = line;
  return !line.empty();
}

bool LineSplitter::next(SseFrame& frame) {
  for (;;) {
    const auto end = pending_.find('\n', at_);
    if (end == std::string::npos) return false;
    const auto line = std::string_view(pending_).substr(at_, end + 1 - at_);
    at_ = end + 1;
    if (take(line, frame)) return true;
  }
}

bool LineSplitter::finish(SseFrame& frame) {
  if (next(frame)) return true;
  const auto line = std::string_view(pending_).substr(at_);
  at_ = pending_.size();
  return take(line, frame);
}

FrameReader::FrameReader(providers::Framing framing) {
  if (framing == providers::Framing::ndjson) splitter_.emplace<LineSplitter>();
  if (framing == providers::Framing::event_stream) splitter_.emplace<EventStreamSplitter>();
}

Result<void> FrameReader::feed(std::string_view bytes) {
  return std::visit([bytes](auto& splitter) { return splitter.feed(bytes); }, splitter_);
}

bool FrameReader::next(SseFrame& frame) {
  if (auto* events = std::get_if<EventStreamSplitter>(&splitter_)) {
    EventStreamSplitter::Frame found;
    if (!events->next(found)) return false;
    frame = SseFrame{found.data, found.event, found.data};
    return true;
  }
  if (auto* lines = std::get_if<LineSplitter>(&splitter_)) return lines->next(frame);
  return std::get<SseSplitter>(splitter_).next(frame);
}

const Error* FrameReader::error() const noexcept {
  auto* events = std::get_if<EventStreamSplitter>(&splitter_);
  return events ? events->error() : nullptr;
}

bool FrameReader::finish(SseFrame& frame) {
  if (auto* lines = std::get_if<LineSplitter>(&splitter_)) return lines->finish(frame);
  if (auto* events = std::get_if<SseSplitter>(&splitter_)) return events->finish(frame);
  return false; // an event stream's frames are whole or broken
}

} // namespace switchyard::http
