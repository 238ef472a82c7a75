// Fuzz target: the SSE splitter. The same bytes fed whole and in pieces must give the same events, and the
// raw frames must add up to the input.
#include "http/sse.hpp"

#include <cstdint>
#include <cstdlib>
#include <memory>

using namespace switchyard::http;

namespace {

struct Events {
  std::string fields, raw;
};

void take(const SseFrame& frame, Events& out) {
  out.fields.append(frame.event).append("\x01").append(frame.data).append("\x02");
  out.raw += frame.raw;
}

Events split(std::string_view text, std::size_t step) {
  Events out;
  SseSplitter splitter;
  SseFrame frame;
  for (std::size_t at = 0; at < text.size(); at += step) {
    // An own copy per feed, so that ASan sees views that outlive their bytes.
    auto piece = std::make_unique<std::string>(text.substr(at, step));
    if (!splitter.feed(*piece)) std::abort();
    while (splitter.next(frame)) take(frame, out);
  }
  if (splitter.finish(frame)) take(frame, out);
  return out;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  auto whole = split(text, text.size() + 1);
  auto parts = split(text, data[0] % 8 + 1);
  // With CR alone as line break an event leaves at once, so an LF that follows later is a frame of its own.
  if (text.find('\r') == text.npos && whole.fields != parts.fields) std::abort();
  bool bom = text.starts_with("\xEF\xBB\xBF");
  if (whole.raw != text.substr(bom ? 3 : 0) || parts.raw != whole.raw) std::abort();
  return 0;
}
