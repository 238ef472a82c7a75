// Fuzz target: the AWS event stream splitter. The same bytes fed whole and in pieces must give the same
// frames and the same end. The corpus has valid checksums; a first byte with the lowest bit set makes those
// of the input right.
#include <switchyard/event_stream.hpp>

#include <zlib.h>

#include <cstdint>
#include <cstdlib>
#include <memory>

using namespace switchyard;

namespace {

std::string split(std::string_view bytes, std::size_t step) {
  std::string out;
  EventStreamSplitter splitter(1 << 16);
  EventStreamSplitter::Frame frame;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    // An own copy per feed, so that ASan sees views that outlive their bytes.
    auto piece = std::make_unique<std::string>(bytes.substr(at, step));
    if (!splitter.feed(*piece)) break;
    while (splitter.next(frame))
      out.append(frame.event).append("\x01").append(frame.data) += frame.is_exception ? '\x02' : '\x03';
  }
  if (splitter.error()) return out + splitter.error()->message;
  return out + (splitter.partial() ? "..." : "");
}

void put_sum(std::string& bytes, std::size_t from, std::size_t size) {
  auto sum = crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()) + from, size);
  for (int i = 0; i < 4; ++i) bytes[from + size + i] = static_cast<char>(sum >> (24 - 8 * i));
}

/// Checksums would stop nearly every mutation at the door.
void mend(std::string& bytes) {
  for (std::size_t at = 0; bytes.size() - at >= 16;) {
    put_sum(bytes, at, 8);
    std::size_t size = 0;
    for (int i = 0; i < 4; ++i) size = size << 8 | static_cast<unsigned char>(bytes[at + i]);
    if (size < 16 || size > bytes.size() - at) return;
    put_sum(bytes, at, size - 4);
    at += size;
  }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] & 1) mend(bytes);
  if (split(bytes, bytes.size() + 1) != split(bytes, (data[0] >> 1) % 16 + 1)) std::abort();
  return 0;
}
