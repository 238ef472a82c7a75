// One batch of spend events to the database: rows, sums, daily rows and the journals' watermarks, all or
// nothing. The spend writer's thread.
#pragma once

#include "storage/journal_read.hpp"
#include "storage/spend_sums.hpp"

#include <switchyard/call_id.hpp>
#include <switchyard/plane.hpp>
#include <switchyard/store.hpp>

#include <map>
#include <string>
#include <vector>

namespace switchyard::storage {

/// Watermark of a journal that is done for: whatever its files hold is in the database.
constexpr std::uint64_t k_all_written = INT64_MAX;

struct SpendBatch {
  struct Item {
    std::string journal;
    JournalEvent event;
  };
  std::vector<Item> items;
  std::map<std::string, std::uint64_t> watermarks; ///< journal -> sequence
  bool recovered = false;                          ///< of journals of processes that are gone
  bool tried = false; ///< an attempt failed: the database may have it all the same
  bool empty() const noexcept { return items.empty() && watermarks.empty(); }
};

/// 0 = not known there.
Result<std::uint64_t> read_watermark(Session& session, const std::string& journal);
Result<void> forget_journal(Session& session, const std::string& journal);
Result<void> commit_batch(Session& session, const SpendBatch& batch, const SpendSums& sums,
                          const PlaneSettings& settings, CallIds& ids);
/// The row that holds litellm_settings.max_budget and the spend of everything.
Result<void> ensure_proxy_user(Session& session, const PlaneSettings& settings, WallTime now);

} // namespace switchyard::storage
