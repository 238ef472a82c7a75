// Chunk boundaries: the stream of every golden transcript, in its provider's framing, cut anywhere, gives the
// events that it gives whole: through the splitter of the framing, the family's decoder and the bridge.
#include "http/frames.hpp"
#include "unit/providers/golden_case.hpp"

#include <zlib.h>

#include <map>
#include <memory>

using namespace switchyard;
using namespace switchyard::providers;
using namespace switchyard::providers::test;

namespace {

void put_u32(std::string& out, std::size_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}
std::size_t checksum(const std::string& bytes) {
  return crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
}

/// One message of AWS's event stream.
std::string aws_frame(std::string_view event, std::string_view data) {
  const bool exception = event.ends_with("Exception");
  std::string headers;
  const auto header = [&headers](std::string_view name, std::string_view value) {
    headers.append(1, static_cast<char>(name.size())).append(name).append(1, '\x07');
    headers += static_cast<char>(value.size() >> 8);
    headers.append(1, static_cast<char>(value.size())).append(value);
  };
  header(":message-type", exception ? "exception" : "event");
  header(exception ? ":exception-type" : ":event-type", event);
  std::string out;
  put_u32(out, 16 + headers.size() + data.size());
  put_u32(out, headers.size());
  put_u32(out, checksum(out));
  out.append(headers).append(data);
  put_u32(out, checksum(out));
  return out;
}

std::string framed(Framing framing, std::string_view event, std::string_view data) {
  if (framing == Framing::ndjson) return std::string(data) + "\n";
  if (framing == Framing::event_stream) return aws_frame(event, data);
  const auto head = event.empty() ? std::string() : "event: " + std::string(event) + "\n";
  return head + "data: " + std::string(data) + "\n\n";
}

/// The events of a transcript as the provider would send them, one by one.
std::vector<std::string> frames_in(const std::string& events, Framing framing) {
  std::istringstream lines(events);
  std::string event;
  std::vector<std::string> out;
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("event: ")) event = line.substr(7);
    if (!line.starts_with("data: ")) continue;
    out.push_back(framed(framing, event, std::string_view(line).substr(6)));
    event.clear();
  }
  return out;
}

/// Feeds pieces to a splitter and hands each frame on, in memory of its own, so that ASan sees views that
/// outlive it.
template <class Take>
void split(Framing framing, const std::vector<std::string_view>& pieces, Take&& take) {
  http::FrameReader reader(framing);
  http::SseFrame frame;
  const auto hand_on = [&] {
    const std::string raw(frame.raw), event(frame.event);
    const auto at = frame.data.data() - frame.raw.data();
    const bool inside = at >= 0 && static_cast<std::size_t>(at) + frame.data.size() <= raw.size();
    const std::string apart(inside ? std::string_view() : frame.data);
    return take(raw, event, inside ? std::string_view(raw).substr(at, frame.data.size()) : apart);
  };
  for (auto piece : pieces) {
    const auto own = std::make_unique<std::string>(piece);
    ASSERT_TRUE(reader.feed(*own).has_value());
    while (reader.next(frame))
      if (!hand_on()) return;
    ASSERT_EQ(reader.error(), nullptr);
  }
  while (reader.finish(frame))
    if (!hand_on()) return;
}

std::string frames_of(Framing framing, const std::vector<std::string_view>& pieces) {
  std::string out;
  split(framing, pieces, [&](const std::string& raw, const std::string& event, std::string_view data) {
    out.append(raw).append("\x01").append(event).append("\x02").append(data) += '\x03';
    return true;
  });
  return out;
}

std::string events_of(const Runner& runner, const std::vector<std::string_view>& pieces) {
  auto decoder = runner.provider().stream(runner.target(), runner.call(), "alias");
  StreamEvent event;
  std::string out;
  split(runner.provider().framing(runner.target(), runner.call()), pieces,
        [&](const std::string& raw, const std::string& name, std::string_view data) {
          decoder->on_event(raw, name, data, event);
          out += event.error.code == Errc::none ? Case::joined(event.data) : shown_error(event.error);
          return !event.done && event.error.code == Errc::none;
        });
  if (!event.done && event.error.code == Errc::none) {
    decoder->finish(event);
    out += "-- the bytes end\n" + Case::joined(event.data);
  }
  return out + shown_usage(decoder->usage());
}

std::vector<std::string_view> cut_every(std::string_view bytes, std::size_t step) {
  std::vector<std::string_view> pieces;
  for (std::size_t at = 0; at < bytes.size(); at += step) pieces.push_back(bytes.substr(at, step));
  return pieces;
}

/// Two pieces, cut anywhere inside `first` or behind it.
void cut_once(Framing framing, const std::string& first, const std::string& second) {
  const auto both = first + second;
  const auto view = std::string_view(both);
  const auto frames = frames_of(framing, {view});
  const auto last = std::min(first.size(), both.size() - 1);
  for (std::size_t at = 1; at <= last; ++at)
    ASSERT_EQ(frames_of(framing, {view.substr(0, at), view.substr(at)}), frames) << "cut at " << at;
}

void check(const Runner& runner) {
  const auto framing = runner.provider().framing(runner.target(), runner.call());
  const auto parts = frames_in(runner.input("sse"), framing);
  std::string bytes;
  for (auto& part : parts) bytes += part;
  const auto events = events_of(runner, {bytes});
  for (std::size_t step : {1, 7}) EXPECT_EQ(events_of(runner, cut_every(bytes, step)), events) << step;
  // Decoders see whole frames, and a splitter keeps nothing of those that are done: two at a time are enough.
  for (std::size_t i = 0; i < parts.size(); ++i)
    cut_once(framing, parts[i], i + 1 < parts.size() ? parts[i + 1] : "");
}

} // namespace

TEST(Chunks, EveryGoldenStreamMayBeCutAnywhere) {
  std::map<Framing, int> seen;
  for (auto& entry : std::filesystem::recursive_directory_iterator(SWITCHYARD_SOURCE_DIR "/tests/golden")) {
    if (entry.path().extension() != ".txt") continue;
    const auto sections = read_sections(entry.path());
    Runner runner(sections);
    if (!runner.ready() || runner.input("sse").empty()) continue;
    SCOPED_TRACE(entry.path().filename().string());
    ++seen[runner.provider().framing(runner.target(), runner.call())];
    check(runner);
  }
  EXPECT_GT(seen[Framing::sse], 50);
  EXPECT_GT(seen[Framing::ndjson], 3);
  EXPECT_GT(seen[Framing::event_stream], 10);
}
