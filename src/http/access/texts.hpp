// Lists and times as LiteLLM's messages print them. Pure.
#pragma once

#include <switchyard/clock.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace switchyard::http::access {

/// "['a', 'b']"
std::string list_text(const std::vector<std::string>& items);
/// "abcdef****yz"; short ids are shown whole, as LiteLLM does.
std::string masked_id(std::string_view id);
/// "2026-11-21T05:06:07.123Z"
std::string time_text(WallTime when);

} // namespace switchyard::http::access
