// Structured logging: an event name and key=value fields, text or JSON. Any thread; never blocks the caller:
// lines go through a bounded queue that drops (and counts) when full. Never pass a secret or a prompt.
#pragma once

#include <switchyard/config.hpp>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace switchyard::log {

struct Field {
  std::string_view key;
  std::variant<std::string_view, std::int64_t, double, bool> value;
  Field(std::string_view k, std::string_view v) : key(k), value(v) {}
  Field(std::string_view k, const char* v) : key(k), value(std::string_view(v)) {}
  Field(std::string_view k, const std::string& v) : key(k), value(std::string_view(v)) {}
  Field(std::string_view k, bool v) : key(k), value(v) {}
  Field(std::string_view k, double v) : key(k), value(v) {}
  template <class T>
  requires std::is_integral_v<T> Field(std::string_view k, T v)
      : key(k), value(static_cast<std::int64_t>(v)) {}
};
using Fields = std::initializer_list<Field>;

/// Before start() lines go straight to stderr. `json`: one JSON object per line.
void start(LogLevel level, bool json, const std::string& file);
void set_level(LogLevel level);
/// Flushes and stops the writer thread; later lines go straight to stderr.
void stop();
bool enabled(LogLevel level) noexcept;
std::uint64_t dropped() noexcept;

void write(LogLevel level, std::string_view event, Fields fields);
/// An event and a text of several lines to be read or copied by a person: below the event, each line indented
/// by four spaces so that it cannot pass for an event. JSON logs carry it as the field "text".
void write_block(LogLevel level, std::string_view event, std::string_view text);
inline void debug(std::string_view event, Fields fields = {}) {
  if (enabled(LogLevel::debug)) write(LogLevel::debug, event, fields);
}
inline void info(std::string_view event, Fields fields = {}) {
  if (enabled(LogLevel::info)) write(LogLevel::info, event, fields);
}
inline void warning(std::string_view event, Fields fields = {}) {
  if (enabled(LogLevel::warning)) write(LogLevel::warning, event, fields);
}
inline void error(std::string_view event, Fields fields = {}) {
  if (enabled(LogLevel::error)) write(LogLevel::error, event, fields);
}

} // namespace switchyard::log
