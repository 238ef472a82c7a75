// One log event as one line of text or JSON. Pure; any thread.
#pragma once

#include <switchyard/clock.hpp>
#include <switchyard/log.hpp>

namespace switchyard::log {

/// Appends the line with its newline. Control characters are escaped, so that a value cannot forge a second
/// line.
void append_text_line(std::string& out, WallTime when, LogLevel level, std::string_view event, Fields fields);
void append_json_line(std::string& out, WallTime when, LogLevel level, std::string_view event, Fields fields);

} // namespace switchyard::log
