// Looks for rows that somebody else wrote: by updated_at where a table has it, by sweeping through it where
// it has not, by counting for what is gone. One caller at a time (the key ring's poll); store threads.
#pragma once

#include "identities_reader.hpp"
#include "key_ring_known.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

namespace switchyard::storage {

/// Rows that are new since the last look, told by a time stamp. Stamps come from the writers' clocks and rows
/// become visible after they were stamped, so each look reaches back and what was seen is remembered.
class StampWatch {
 public:
  StampWatch(std::string_view table, std::string_view id, std::string_view stamp, Touched::What what)
      : source_{table, id, {std::string(id), std::string(stamp)}}, stamp_(stamp), what_(what) {}
  void begin(WallTime now) { mark_ = now; }
  /// False: there are too many, everything should be read.
  bool look(identities::Reader& reader, WallTime now, std::vector<Touched>& out);
  /// The stamps of what the last look() found, in its order.
  const std::vector<WallTime>& stamps() const noexcept { return stamps_; }

 private:
  identities::Source source_;
  std::string_view stamp_;
  Touched::What what_;
  WallTime mark_{};
  std::unordered_map<std::string, WallTime> seen_; ///< of the last minute
  std::vector<WallTime> stamps_;
};

/// Goes through a table without time stamps, a bounded number of rows per look, and compares with what it saw
/// the last time round.
class Sweep {
 public:
  Sweep(std::string_view sql, std::vector<std::string_view> id, Touched::What what)
      : sql_(sql), id_(std::move(id)), what_(what), cursor_(id_.size(), Value(std::string())) {}
  void look(identities::Reader& reader, std::vector<Touched>& out);
  bool ended() const noexcept { return ended_; } ///< the last look ended a round
  /// After a look that ended a round: the row was not met. Says so once, until it is met again: what has no
  /// row in the sweep may have a record for other reasons (defaults).
  bool lost(std::string_view id);

 private:
  void meet(const Row& row, std::vector<Touched>& out);
  struct Print {
    std::uint64_t hash = 0;
    std::uint32_t round = 0;
  };
  std::string_view sql_;
  std::vector<std::string_view> id_;
  Touched::What what_;
  std::vector<Value> cursor_;
  std::unordered_map<std::uint64_t, Print> prints_; ///< by the id's hash: 100k memberships in 4 MB
  std::unordered_set<std::uint64_t> lost_;
  std::uint32_t round_ = 1;
  bool ended_ = false;
};

struct Sighting {
  std::vector<Touched> touched;
  WallTime oldest = WallTime::max(); ///< stamp of the oldest change that was not our own
  bool reload = false;               ///< too much, or a budget went: read everything
};

class Watch {
 public:
  Watch();
  /// Everything that is stamped after `now` counts as new.
  void begin(WallTime now);
  /// `own`: written by this process since the last look; they do not count as seen late.
  Result<Sighting> look(Session& session, WallTime now, const std::vector<Touched>& own);
  /// Rows that are gone or that no stamp told of. Apart from look(), since it compares with the records.
  Result<void> compare(Session& session, const Known& known, Sighting& out);
  /// Whether models, credentials or configuration rows differ from the last call.
  Result<bool> models_changed(Session& session);

 private:
  void look_at_aliases(identities::Reader& reader, WallTime now, Sighting& out);
  void compare_budgets(identities::Reader& reader, Sighting& out);
  std::vector<StampWatch> stamped_;
  StampWatch aliases_;
  Sweep members_, customers_;
  identities::Ids budgets_;
  std::uint64_t models_ = 0;
};

} // namespace switchyard::storage
