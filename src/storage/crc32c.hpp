// CRC-32C (Castagnoli), by the CPU's instruction where there is one. Pure, any thread.
#pragma once

#include <cstdint>
#include <string_view>

namespace switchyard::storage {

std::uint32_t crc32c(std::string_view bytes) noexcept;
std::uint32_t crc32c_by_table(std::string_view bytes) noexcept; ///< the same on every CPU

} // namespace switchyard::storage
