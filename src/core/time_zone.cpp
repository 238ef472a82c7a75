// TZif files (RFC 8536): the 64-bit block and the rule behind it. Bounds are
// checked: the file may be broken.
#include "core/time_zone.hpp"

#include <algorithm>
#include <cstdio>

namespace switchyard::core {
namespace {

/// Reads big-endian numbers; past the end it yields 0 and says so.
struct Bytes {
  std::string_view data;
  bool good = true;

  std::string_view take(std::size_t size) {
    if (size > data.size()) return good = false, std::string_view();
    const std::string_view part = data.substr(0, size);
    data.remove_prefix(size);
    return part;
  }
  std::int64_t number(std::size_t size) {
    std::uint64_t value = 0;
    const std::string_view part = take(size);
    for (const char c : part) value = value << 8 | static_cast<unsigned char>(c);
    if (size == 4) return static_cast<std::int32_t>(static_cast<std::uint32_t>(value));
    return static_cast<std::int64_t>(value);
  }
};

struct Header {
  std::size_t utc_flags = 0, wall_flags = 0, leaps = 0, times = 0, types = 0, letters = 0;
  std::size_t body(std::size_t width) const {
    return times * (width + 1) + types * 6 + letters + leaps * (width + 4) + wall_flags + utc_flags;
  }
};

bool read_header(Bytes& bytes, Header& out, char& version) {
  if (bytes.take(4) != "TZif") return false;
  const std::string_view mark = bytes.take(1);
  if (mark.empty()) return false;
  version = mark.front();
  bytes.take(15);
  for (std::size_t* count :
       {&out.utc_flags, &out.wall_flags, &out.leaps, &out.times, &out.types, &out.letters}) {
    const std::int64_t value = bytes.number(4);
    if (value < 0 || value > 100'000) return false;
    *count = static_cast<std::size_t>(value);
  }
  return bytes.good && out.types > 0;
}

Error broken() { return Error(Errc::config, "the zone file is broken"); }

bool is_name(std::string_view name) {
  if (name.empty() || name.size() > 64 || name.front() == '/') return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_+-/").find(c) != std::string_view::npos;
  });
}

} // namespace

Result<TimeZone> TimeZone::parse(std::string_view file) {
  Bytes bytes{file};
  Header header;
  char version = 0;
  if (!read_header(bytes, header, version)) return broken();
  std::size_t width = 4;
  if (version >= '2') {
    bytes.take(header.body(4));
    header = Header();
    width = 8;
    if (!read_header(bytes, header, version)) return broken();
  }
  TimeZone zone;
  for (std::size_t i = 0; i < header.times; ++i) zone.transitions_.push_back({bytes.number(width), 0});
  std::vector<std::size_t> kinds;
  for (std::size_t i = 0; i < header.times; ++i) kinds.push_back(static_cast<std::size_t>(bytes.number(1)));
  std::vector<std::int64_t> offsets;
  for (std::size_t i = 0; i < header.types; ++i) offsets.push_back(bytes.number(4)), bytes.take(2);
  bytes.take(header.letters + header.leaps * (width + 4) + header.wall_flags + header.utc_flags);
  if (!bytes.good) return broken();
  for (std::size_t i = 0; i < header.times; ++i) {
    if (kinds[i] >= offsets.size()) return broken();
    zone.transitions_[i].offset = offsets[kinds[i]];
  }
  zone.first_ = offsets.front();
  std::string_view footer = bytes.data;
  if (footer.starts_with('\n')) footer.remove_prefix(1);
  zone.has_rule_ = read_tz_rule(footer.substr(0, footer.find('\n')), zone.rule_);
  return zone;
}

Result<std::shared_ptr<const TimeZone>> TimeZone::load(std::string_view name, const std::string& directory) {
  if (name.empty() || name == "UTC" || name == "Etc/UTC" || name == "GMT")
    return std::make_shared<const TimeZone>();
  const std::string shown(name.substr(0, 64));
  if (!is_name(name)) return Error(Errc::config, "timezone \"" + shown + "\" is not an IANA name");
  std::string text(256 * 1024, '\0'); // real ones have at most 4 KB
  std::FILE* file = std::fopen((directory + "/" + shown).c_str(), "rb");
  text.resize(file ? std::fread(text.data(), 1, text.size(), file) : 0);
  if (file) std::fclose(file);
  if (text.empty())
    return Error(Errc::config, "timezone \"" + shown + "\": no such file in " + directory +
                                   " (is the package tzdata installed?)");
  auto zone = parse(text);
  if (!zone) return Error(Errc::config, "timezone \"" + shown + "\": " + zone.error().message);
  return std::make_shared<const TimeZone>(std::move(*zone));
}

std::int64_t TimeZone::offset_at(std::int64_t utc) const {
  const auto next = std::upper_bound(transitions_.begin(), transitions_.end(), utc,
                                     [](std::int64_t at, const Transition& row) { return at < row.at; });
  if (has_rule_ && next == transitions_.end()) return offset_by_rule(rule_, utc);
  return next == transitions_.begin() ? first_ : std::prev(next)->offset;
}

std::int64_t TimeZone::to_utc(std::int64_t local, std::int64_t after) const {
  constexpr std::int64_t day = 24 * 3600; // more than any offset, less than the time between transitions
  const std::int64_t before = local - offset_at(local - day);
  const std::int64_t behind = local - offset_at(local + day);
  const bool first = before + offset_at(before) == local;
  const bool second = behind + offset_at(behind) == local;
  if (first && second)
    return std::min(before, behind) > after ? std::min(before, behind) : std::max(before, behind);
  return second ? behind : before;
}

} // namespace switchyard::core
