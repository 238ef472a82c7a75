// The SSE splitter. Pure; one per stream. A frame that came whole in one feed is never copied.
#include "http/sse.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace switchyard::http {
namespace {

constexpr std::string_view k_bom = "\xEF\xBB\xBF";

std::size_t first_break(std::string_view text, std::size_t from) noexcept {
  auto* start = text.data() + from;
  auto size = text.size() - from;
  auto* lf = static_cast<const char*>(std::memchr(start, '\n', size));
  auto* cr = static_cast<const char*>(std::memchr(start, '\r', lf ? lf - start : size));
  auto* found = cr ? cr : lf;
  return found ? static_cast<std::size_t>(found - text.data()) : text.npos;
}

/// Cuts the next line, without its break, off `text`.
std::string_view cut_line(std::string_view& text) noexcept {
  auto end = first_break(text, 0);
  auto line = text.substr(0, end);
  if (end == text.npos) return text = {}, line;
  text.remove_prefix(end + 1 + (text[end] == '\r' && end + 1 < text.size() && text[end + 1] == '\n'));
  return line;
}

} // namespace

Result<void> SseSplitter::feed(std::string_view bytes) {
  joined_.clear();
  if (!rest_.empty()) {
    std::swap(pending_, rest_);
    rest_.clear();
  } else if (at_ > 0 || input_.data() != pending_.data()) {
    pending_.clear();
  }
  if (pending_.size() > max_frame_) {
    Error error;
    error.code = Errc::bad_gateway;
    error.message = "the upstream sent an event larger than " + std::to_string(max_frame_) + " bytes";
    return error;
  }
  input_ = pending_.empty() ? bytes : std::string_view(pending_.append(bytes));
  at_ = 0;
  return {};
}

bool SseSplitter::next(SseFrame& frame) {
  auto rest = input_.substr(at_);
  auto end = find_end(rest);
  if (end == rest.npos) return keep_rest(), false;
  take(rest.substr(0, end), frame);
  at_ += end;
  line_ = scanned_ = 0;
  return true;
}

bool SseSplitter::finish(SseFrame& frame) {
  auto rest = rest_.empty() ? input_.substr(at_) : std::string_view(rest_);
  if (std::exchange(finished_, true) || rest.empty()) return false;
  take(rest, frame);
  return true;
}

/// Length of the frame at the front of `rest` through its blank line, or npos. A CR at the end of the input
/// may be half of a CRLF, so it waits for the next byte, unless the stream uses CR alone: there the event
/// must not be delayed.
std::size_t SseSplitter::find_end(std::string_view rest) noexcept {
  while (scanned_ < rest.size()) {
    auto at = first_break(rest, scanned_);
    scanned_ = std::min(at, rest.size());
    if (at == rest.npos) break;
    bool cr = rest[at] == '\r', last = at + 1 == rest.size(), blank = at == line_;
    if (cr && last && !(blank && lone_cr_)) break;
    auto after = at + 1 + (cr && !last && rest[at + 1] == '\n');
    lone_cr_ = cr && after == at + 1;
    line_ = scanned_ = after;
    if (blank) return after;
  }
  return rest.npos;
}

void SseSplitter::take(std::string_view raw, SseFrame& frame) {
  if (std::exchange(first_, false) && raw.starts_with(k_bom)) raw.remove_prefix(k_bom.size());
  frame = {raw, {}, {}};
  int data_lines = 0;
  for (auto rest = raw; !rest.empty();) {
    auto line = cut_line(rest);
    auto colon = line.find(':');
    auto name = line.substr(0, colon);
    auto value = colon == line.npos ? std::string_view() : line.substr(colon + 1);
    if (value.starts_with(' ')) value.remove_prefix(1);
    if (name == "event") frame.event = value;
    if (name != "data") continue;
    if (++data_lines == 1) {
      frame.data = value;
      continue;
    }
    if (data_lines == 2) joined_.emplace_back(frame.data);
    joined_.back() += '\n';
    frame.data = joined_.back() += value;
  }
}

/// The caller's bytes die with its next read. A partial frame that already stands alone in pending_ stays
/// there.
void SseSplitter::keep_rest() {
  bool alone = at_ == 0 && input_.data() == pending_.data();
  if (alone || at_ == input_.size()) return;
  rest_ = input_.substr(at_);
}

} // namespace switchyard::http
