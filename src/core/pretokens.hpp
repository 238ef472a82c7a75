// Cuts text into the pieces that byte pair encoding works on, as the regular expressions of cl100k_base and
// o200k_base do, without a regex engine. Pure, any thread.
#pragma once

#include <switchyard/tokens.hpp>

#include <cstddef>
#include <string_view>

namespace switchyard {

/// Length in bytes of the first piece of `text`, which must not be empty.
std::size_t first_piece(Vocabulary vocabulary, std::string_view text) noexcept;

} // namespace switchyard
