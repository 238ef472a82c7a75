// A SpendEvent as a row of LiteLLM_SpendLogs (spec management.md 5.3, 7.3). Pure, any thread.
#pragma once

#include <switchyard/plane.hpp>
#include <switchyard/spend.hpp>
#include <switchyard/store.hpp>

#include <string>

namespace switchyard::storage {

/// Does this event get a row? Sums do not ask.
bool has_row(const SpendEvent& event, const PlaneSettings& settings);
/// request_id as LiteLLM makes it: the response's id, else the call's; cache hits end in _cache_hit<seconds>.
std::string row_id(const SpendEvent& event);
/// All columns; every event gives the same ones.
Row spend_row(const SpendEvent& event, std::string id, const PlaneSettings& settings);
/// "2026-11-21", UTC.
std::string day_of(std::int64_t unix_ms);
std::string wire_time_of(std::int64_t unix_ms);
/// Prompt + completion where the provider gave no total.
std::int64_t total_tokens(const Usage& usage);

} // namespace switchyard::storage
