// Journal files, version 1. File: magic 8, version 4, crc 4, segment 8, zero 8. Record: payload size 4, crc 4
// (of all that follows), sequence 8, ticket 8, type 1, zero 7, payload. Pure.
#include "storage/journal_format.hpp"

#include "storage/crc32c.hpp"
#include "storage/spend_codec.hpp"

#include <cstring>

namespace switchyard::storage {
namespace {

constexpr std::string_view k_magic("SWJOURNL", 8);

template <class T>
void put(char* at, T value) {
  std::memcpy(at, &value, sizeof value);
}
template <class T>
T get(std::string_view bytes, std::size_t at) {
  T value{};
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

} // namespace

std::string file_header(std::uint64_t segment) {
  std::string bytes(k_file_header, '\0');
  bytes.replace(0, k_magic.size(), k_magic);
  put(bytes.data() + 8, k_journal_version);
  put(bytes.data() + 16, segment);
  put(bytes.data() + 12, crc32c(std::string_view(bytes).substr(16)));
  return bytes;
}

FileKind read_file_header(std::string_view bytes) {
  const std::string_view head = bytes.substr(0, k_file_header);
  if (head.size() < k_file_header || head.find_first_not_of('\0') == head.npos) return FileKind::empty;
  if (bytes.substr(0, 8) != k_magic) return FileKind::damaged;
  const auto version = get<std::uint32_t>(bytes, 8);
  if (version > k_journal_version) return FileKind::newer;
  const bool whole = get<std::uint32_t>(bytes, 12) == crc32c(bytes.substr(16, 16));
  return whole && version == k_journal_version ? FileKind::journal : FileKind::damaged;
}

void seal_record(std::string& record, RecordType type, std::uint64_t sequence, std::uint64_t ticket) {
  char* at = record.data();
  put(at, static_cast<std::uint32_t>(record.size() - k_record_header));
  put(at + 8, sequence);
  put(at + 16, ticket);
  put(at + 24, static_cast<std::uint64_t>(type));
  put(at + 4, crc32c(std::string_view(record).substr(8)));
}

Scan next_record(std::string_view bytes, std::uint64_t most, std::uint64_t last, JournalRecord& out,
                 std::size_t& size) {
  size = k_record_header;
  if (bytes.size() < k_record_header) return most > bytes.size() && most >= size ? Scan::more : Scan::end;
  const auto payload = get<std::uint32_t>(bytes, 0);
  const auto crc = get<std::uint32_t>(bytes, 4);
  out.sequence = get<std::uint64_t>(bytes, 8);
  if (payload == 0 && crc == 0 && out.sequence == 0) return Scan::end;
  size = k_record_header + payload;
  if (size > most) return Scan::torn;
  if (size > bytes.size()) return Scan::more;
  const auto type = get<std::uint64_t>(bytes, 24);
  out.ticket = get<std::uint64_t>(bytes, 16);
  out.payload = bytes.substr(k_record_header, payload);
  if (crc32c(bytes.substr(8, size - 8)) != crc || out.sequence <= last) return Scan::torn;
  if (type != 1 && type != 2) return Scan::torn;
  out.type = static_cast<RecordType>(type);
  return out.ticket == 0 || out.ticket > out.sequence ? Scan::torn : Scan::record;
}

} // namespace switchyard::storage
