// The version that --version, headers and health answers show; CMakeLists.txt's project() says the same.
#pragma once

#include <string_view>

namespace switchyard {
inline constexpr std::string_view k_version = "0.1.0";
}
