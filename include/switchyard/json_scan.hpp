// One strict pass over a JSON object: validates all of it (RFC 8259, UTF-8, depth), and lists its top-level
// fields so that values can be read and spliced without parsing again. Pure; implemented in
// src/core/json_scan.cpp.
#pragma once

#include <switchyard/error.hpp>

#include <boost/container/small_vector.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

/// Pieces of a text, in order. An ordinary body is few of them and costs no allocation.
using TextSlices = boost::container::small_vector<std::string_view, 4>;

enum class JsonKind : std::uint8_t { object, array, string, number, boolean, null };

/// One member of the scanned object. Offsets are into the scanned text.
struct JsonField {
  std::string_view key; ///< unescaped; points into the text, or into ObjectScan::scratch when it had escapes
  std::uint32_t key_begin = 0; ///< the opening quote
  std::uint32_t value_begin = 0, value_end = 0;
  JsonKind kind = JsonKind::null;
};

struct ObjectScan {
  std::string_view text; ///< the whole object, surrounding white space included
  boost::container::small_vector<JsonField, 12> fields; ///< a usual request's need no allocation
  std::uint32_t open = 0, close = 0;                    ///< offsets of '{' and '}'
  std::vector<std::uint32_t> trailing_commas; ///< only in lenient mode: offsets of commas before } or ]
  std::vector<std::unique_ptr<std::string>> scratch;

  const JsonField* find(std::string_view key) const noexcept;
  std::string_view raw(const JsonField& field) const noexcept {
    return text.substr(field.value_begin, field.value_end - field.value_begin);
  }
  void clear() noexcept;
};

struct ScanOptions {
  std::uint32_t max_depth = 256;
  std::uint32_t max_fields = 65536; ///< top-level members; each costs a JsonField, ten times its text
  bool lenient_commas = true; ///< accept and record trailing commas (the seeds' curl examples have them)
};

/// Fills `out` (reused between requests; clears it first). Errors are invalid_request with a message that
/// names the problem and its byte offset. Any top-level key that appears twice (compared unescaped) is an
/// error naming the key.
Result<void> scan_object(std::string_view text, ObjectScan& out, ScanOptions options = {});

/// `text` without the recorded trailing commas (the slow path).
std::string remove_commas(const ObjectScan& scan);

/// Readers of one value as scan_object found it (raw(field) or an element): nothing when it is of another
/// kind.
std::optional<bool> as_bool(std::string_view raw) noexcept;
/// Nothing for numbers beyond a double's range.
std::optional<double> as_number(std::string_view raw) noexcept;
/// Integers written as such: 3, not 3.0 and not 3e0.
std::optional<std::int64_t> as_int(std::string_view raw) noexcept;
/// Walks a scanned array: `pos` starts at 0; false at the end, or when `array` is no array. Nested objects
/// are read by scan_object(element, ...).
bool next_element(std::string_view array, std::size_t& pos, std::string_view& element) noexcept;

/// The unescaped value of a JSON string token with its quotes; fails on lone surrogates.
Result<std::string> unescape(std::string_view token);
/// Appends `text` as a JSON string token with quotes. Invalid UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);
std::string json_string(std::string_view text);

/// Edits an object by slices: replaced, removed and added members; everything else stays byte for byte, but
/// for recorded trailing commas, which are left out. Pieces point into the scanned text and into the splice
/// itself; both must outlive their use.
class JsonSplice {
 public:
  explicit JsonSplice(const ObjectScan& scan) : scan_(&scan) {}
  /// Value becomes `json` (raw JSON text, copied); the key is added at the end when absent.
  void set(std::string_view key, std::string_view json);
  /// The same for a field of the scan; `json` is not copied and must outlive the splice.
  void set_view(const JsonField& field, std::string_view json);
  void remove(std::string_view key);
  bool empty() const noexcept { return edits_.empty() && added_.empty(); }
  /// Appends the edited object as slices, in order. Valid until the next edit.
  void pieces(TextSlices& out) const;
  std::size_t size() const;
  std::string str() const;

 private:
  struct Edit {
    const JsonField* field;
    bool removed;
    std::string_view view; ///< null: `copy` is the value
    std::string copy;
    std::string_view json() const { return view.data() ? view : std::string_view(copy); }
  };
  Edit& edit(const JsonField& field);
  struct Added {
    std::string key, json;
  };
  template <class Sink>
  void walk(Sink&& sink) const;
  template <class Sink>
  std::uint32_t walk_edits(const JsonField* last, Sink&& sink) const;
  const JsonField* last_kept() const;
  void render_tail(bool first) const;

  const ObjectScan* scan_;
  boost::container::small_vector<Edit, 2> edits_; ///< in the order of the fields
  std::vector<Added> added_;
  mutable std::string tail_; ///< the added members, rendered
};

} // namespace switchyard
