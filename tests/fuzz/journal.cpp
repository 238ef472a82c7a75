// Any bytes as a journal file: reading ends, stays inside the bytes, and gives out growing sequences only.
// libFuzzer, one thread.
#include "storage/journal_format.hpp"
#include "storage/spend_codec.hpp"

#include <cstdint>
#include <cstdlib>

using namespace switchyard;
using namespace switchyard::storage;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view left(reinterpret_cast<const char*>(data), size);
  SpendEvent event;
  if (decode_event(left, event)) {
    std::string again;
    SpendEvent back;
    encode_event(event, again);
    if (!decode_event(again, back)) std::abort();
  }
  if (read_file_header(left) == FileKind::journal) left.remove_prefix(k_file_header);
  JournalRecord record;
  std::size_t length = 0;
  for (std::uint64_t last = 0; next_record(left, left.size(), last, record, length) == Scan::record;) {
    if (record.sequence <= last || length > left.size()) std::abort();
    decode_event(record.payload, event);
    last = record.sequence;
    left.remove_prefix(length);
  }
  // The same bytes with a header that fits: behind the CRC, too.
  std::string made;
  start_record(made);
  made.append(left);
  seal_record(made, RecordType::end, 5, 3);
  if (next_record(made, made.size(), 4, record, length) != Scan::record || record.payload != left)
    std::abort();
  return 0;
}
