// Header text: comparisons (ascii.hpp) and the search for what may not stand in a value. Pure.
#pragma once

#include "core/header_bytes.hpp"

#include <switchyard/ascii.hpp>

#include <cstdint>
#include <cstring>
#include <string_view>

namespace switchyard::http {

using core::find_control;
using core::has_control;

} // namespace switchyard::http
