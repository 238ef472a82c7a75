// The bytes of a journal file: a header, then records behind each other, then zeros. Pure, any thread; the
// reading side takes any bytes. Numbers are little-endian: a data directory stays on its kind of machine.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace switchyard::storage {

enum class RecordType : std::uint8_t { begin = 1, end = 2 };

struct JournalRecord {
  RecordType type = RecordType::begin;
  std::uint64_t sequence = 0; ///< place of this record: 1, 2, 3, ... in its journal
  std::uint64_t ticket = 0;   ///< sequence of the begin that it belongs to
  std::string_view payload;   ///< encode_event()
};

constexpr std::size_t k_file_header = 32;
constexpr std::size_t k_record_header = 32;

std::string file_header(std::uint64_t segment);
enum class FileKind : std::uint8_t { journal, empty, newer, damaged };
/// `empty`: made but not written to yet. `newer`: of a version that this program does not know.
FileKind read_file_header(std::string_view bytes);

/// Room for the header at the front of a record in the making.
inline void start_record(std::string& record) { record.assign(k_record_header, '\0'); }
/// Fills in the header of a record whose payload is complete; may be done again with another sequence.
void seal_record(std::string& record, RecordType type, std::uint64_t sequence, std::uint64_t ticket);

enum class Scan : std::uint8_t {
  record,
  end,  ///< nothing more was written here
  more, ///< the record is longer than `bytes`: `size` bytes are needed
  torn, ///< what stands here is no record
};
/// The record at the start of `bytes`; `size` becomes its length with the header. `most`: bytes that the file
/// may still hold from here; `last`: the sequence before, which a record must exceed.
Scan next_record(std::string_view bytes, std::uint64_t most, std::uint64_t last, JournalRecord& out,
                 std::size_t& size);

} // namespace switchyard::storage
