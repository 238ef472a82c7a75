// Is a text JSON? Without making a Value of it; integers beyond 64 bits are refused too, which parse_json
// takes. Any thread.
#pragma once

#include <string_view>

namespace switchyard::core {

bool is_json(std::string_view text);

} // namespace switchyard::core
