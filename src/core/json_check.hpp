// Is a text JSON? What parse_json says, without making a Value of it. Any thread.
#pragma once

#include <string_view>

namespace switchyard::core {

bool is_json(std::string_view text);

} // namespace switchyard::core
