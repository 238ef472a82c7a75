// One log event as one line of text or JSON. Pure; any thread.
#include "core/log_line.hpp"

#include "core/date.hpp"

#include <switchyard/json_scan.hpp>

#include <charconv>
#include <cmath>

namespace switchyard::log {
namespace {

constexpr std::string_view k_names[] = {"DEBUG", "INFO", "WARNING", "ERROR"};

std::string_view name(LogLevel level) { return k_names[static_cast<std::size_t>(level)]; }

template <class T>
void append_number(std::string& out, T number) {
  char buffer[32];
  out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
}

struct AppendJson {
  std::string& out;
  void operator()(std::string_view text) const { append_json_string(out, text); }
  void operator()(std::int64_t number) const { append_number(out, number); }
  void operator()(bool b) const { out += b ? "true" : "false"; }
  void operator()(double number) const {
    if (std::isfinite(number))
      append_number(out, number);
    else
      out += "null";
  }
};

// Bare when it reads back unambiguously, else quoted as in JSON.
bool is_bare(std::string_view text) {
  for (const char c : text)
    if (c <= ' ' || c == '"' || c == '=' || c == '\\' || c >= 0x7F) return false;
  return !text.empty();
}

struct AppendText : AppendJson {
  using AppendJson::operator();
  void operator()(std::string_view text) const {
    if (is_bare(text))
      out += text;
    else
      append_json_string(out, text);
  }
};

} // namespace

void append_text_line(std::string& out, WallTime when, LogLevel level, std::string_view event,
                      Fields fields) {
  core::append_iso_time(out, when);
  out.append(" ").append(name(level));
  out.append(std::size_t{8} - name(level).size(), ' ');
  // The event keeps its spaces; the quotes that a JSON token would have add nothing here.
  const std::size_t quote = out.size();
  append_json_string(out, event);
  out.erase(quote, 1).pop_back();
  for (const Field& field : fields) {
    out.append(" ").append(field.key).append("=");
    std::visit(AppendText{{out}}, field.value);
  }
  out += '\n';
}

void append_json_line(std::string& out, WallTime when, LogLevel level, std::string_view event,
                      Fields fields) {
  out += "{\"timestamp\":\"";
  core::append_iso_time(out, when);
  out.append("\",\"level\":\"").append(name(level)).append("\",\"message\":");
  append_json_string(out, event);
  for (const Field& field : fields) {
    out += ',';
    append_json_string(out, field.key);
    out += ':';
    std::visit(AppendJson{out}, field.value);
  }
  out += "}\n";
}

} // namespace switchyard::log
