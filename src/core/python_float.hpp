// Numbers as Python prints them, where a text must be LiteLLM's. Pure, any thread.
#pragma once

#include <string>

namespace switchyard::core {

/// repr(value): shortest digits, an exponent below 1e-4 and from 1e16 on, else always a point.
std::string python_float(double value);

} // namespace switchyard::core
