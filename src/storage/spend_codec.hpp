// SpendEvent <-> the compact bytes of a journal record. Pure, any thread.
#pragma once

#include <switchyard/spend.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace switchyard::storage {

/// Written into every journal file. A change of the field list is a new number.
constexpr std::uint32_t k_journal_version = 1;

/// Appends to `out`.
void encode_event(const SpendEvent& event, std::string& out);
/// False: not such bytes; `out` is then anything.
bool decode_event(std::string_view bytes, SpendEvent& out);

} // namespace switchyard::storage
