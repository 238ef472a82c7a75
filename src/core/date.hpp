// Dates as text. Pure; any thread.
#pragma once

#include <switchyard/clock.hpp>

#include <string>

namespace switchyard::core {

/// Appends "2026-11-21T05:06:07.123Z".
void append_iso_time(std::string& out, WallTime when);

} // namespace switchyard::core
