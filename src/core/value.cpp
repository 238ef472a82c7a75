// JSON text of values. Pure, any thread.
#include <switchyard/json_scan.hpp>
#include <switchyard/value.hpp>

#include <charconv>
#include <cmath>

namespace switchyard {
namespace {

template <class T>
void append_number(std::string& out, T number) {
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, number).ptr;
  out.append(buffer, end);
}

void append_value(std::string& out, const Value& value);

struct Append {
  std::string& out;
  void operator()(std::monostate) const { out += "null"; }
  void operator()(bool b) const { out += b ? "true" : "false"; }
  void operator()(std::int64_t i) const { append_number(out, i); }
  void operator()(double d) const {
    // JSON has no infinities; YAML has.
    if (std::isfinite(d))
      append_number(out, d);
    else
      out += "null";
  }
  void operator()(const std::string& s) const { append_json_string(out, s); }
  void operator()(const ValueList& list) const {
    out += '[';
    for (const Value& item : list) {
      if (&item != list.data()) out += ',';
      append_value(out, item);
    }
    out += ']';
  }
  void operator()(const ValueMap& map) const {
    out += '{';
    for (const auto& member : map) {
      if (&member != map.data()) out += ',';
      append_json_string(out, member.first);
      out += ':';
      append_value(out, member.second);
    }
    out += '}';
  }
};

void append_value(std::string& out, const Value& value) { std::visit(Append{out}, value.data()); }

} // namespace

std::string to_json(const Value& value) {
  constexpr std::size_t k_usual = 512; // a small request body; growing to it would take six allocations
  std::string out;
  if (value.as_map() || value.as_list()) out.reserve(k_usual);
  append_value(out, value);
  return out;
}

} // namespace switchyard
