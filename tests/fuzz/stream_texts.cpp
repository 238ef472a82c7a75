// Fuzz target: what is read from and written into the chunks of a stream that another model continues. The
// fast reader must read what the plain one does; messages and ids that are written must be valid and come
// back.
#include "http/chunk_text.hpp"
#include "http/continuation.hpp"
#include "http/encrypted_items.hpp"
#include "http/response_ids.hpp"

#include <switchyard/json_scan.hpp>

#include <cstdint>
#include <cstdlib>

using namespace switchyard;
using namespace switchyard::http;

namespace {

void read_chunks(std::string_view bytes) {
  ChunkText fast, plain;
  ChunkTextReader reader;
  while (!bytes.empty()) {
    const auto line = bytes.substr(0, bytes.find('\n'));
    bytes.remove_prefix(std::min(bytes.size(), line.size() + 1));
    if (fast.plain) reader.read(line, fast);
    if (plain.plain) read_chunk_text(line, plain);
    if (fast.plain != plain.plain) std::abort();
    if (fast.plain && fast.text != plain.text) std::abort();
  }
}

void write_messages(std::string_view bytes) {
  ObjectScan scan;
  const auto messages = continuation_messages("[]", bytes);
  if (!scan_object("{\"messages\":" + messages + "}", scan)) std::abort();
}

void write_frames(std::string_view bytes) {
  StreamProgress progress;
  remember_first(progress, bytes);
  providers::Usage usage;
  usage.present = true;
  (void)continued_frame(progress, "data: " + std::string(bytes) + "\n\n", usage);
  (void)continued_frame(progress, bytes, usage);
}

void write_ids(std::string_view bytes) {
  (void)decode_response_id(bytes);
  const RowMarks marks{true, true, "p", "r"};
  (void)marked_response(bytes, marks);
  (void)marked_event(bytes, marks);
  ObjectScan scan;
  if (scan_object(bytes, scan))
    for (auto& field : scan.fields)
      if (const auto back = unmark_items(mark_items(scan.raw(field), "r")); back && back->row.empty())
        std::abort();
  if (bytes.empty() || bytes.find('\0') != bytes.npos || bytes.size() > 1000) return;
  const auto id = decode_response_id(encode_response_id("p", "row", bytes));
  if (!id || id->row != "row" || id->id != bytes) std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  read_chunks(bytes);
  write_messages(bytes);
  write_frames(bytes);
  write_ids(bytes);
  return 0;
}
