// Fuzz target: streams of JSON lines, and any framing read by FrameReader to its end. The same bytes fed
// whole and in pieces must give the same frames. The first byte chooses framing and step.
#include "http/frames.hpp"

#include <cstdint>
#include <cstdlib>
#include <memory>

using namespace switchyard;

namespace {

std::string split(providers::Framing framing, std::string_view bytes, std::size_t step) {
  std::string out;
  http::FrameReader reader(framing);
  http::SseFrame frame;
  const auto take = [&out, &frame] { out.append(frame.event).append("\x01").append(frame.data) += '\x02'; };
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    // An own copy per feed, so that ASan sees views that outlive their bytes.
    const auto piece = std::make_unique<std::string>(bytes.substr(at, step));
    if (!reader.feed(*piece)) return out + "broken";
    while (reader.next(frame)) take();
    if (reader.error()) return out + reader.error()->message;
  }
  for (int last = 0; reader.finish(frame); ++last) {
    if (last > 1) std::abort(); // more than the one frame that had no end
    take();
  }
  return out;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  constexpr providers::Framing k_framings[] = {providers::Framing::ndjson, providers::Framing::sse,
                                               providers::Framing::event_stream};
  const auto framing = k_framings[data[0] % 3];
  const auto whole = split(framing, bytes, bytes.size() + 1),
             parts = split(framing, bytes, data[0] / 3 % 16 + 1);
  // With CR alone as line break an event leaves at once, so an LF that follows later is a frame of its own.
  const bool lone_cr = framing == providers::Framing::sse && bytes.find('\r') != bytes.npos;
  if (!lone_cr && whole != parts) std::abort();
  return 0;
}
