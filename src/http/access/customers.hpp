// Customers that this shard has asked for, whether they had a row or not: a bounded memory, since their names
// come from clients. Shard thread only; forgotten when records are posted.
#pragma once

#include <switchyard/clock.hpp>
#include <switchyard/identity.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

namespace switchyard::http::access {

class Customers {
 public:
  struct Known {
    std::shared_ptr<const CustomerRecord> record; ///< null: nothing limits this customer
    Instant until{};
  };
  /// Null = not known, or known too long ago.
  const Known* find(std::string_view id, Instant now) const {
    const auto found = known_.find(id);
    return found != known_.end() && now < found->second.until ? &found->second : nullptr;
  }
  void add(std::string_view id, std::shared_ptr<const CustomerRecord> record, Instant now) {
    if (known_.size() >= k_most) known_.clear();
    known_.insert_or_assign(std::string(id), Known{std::move(record), now + k_kept});
  }
  void clear() noexcept { known_.clear(); }

 private:
  static constexpr std::size_t k_most = 10'000;
  static constexpr std::chrono::seconds k_kept{60};
  std::unordered_map<std::string, Known, TextHash, std::equal_to<>> known_;
};

} // namespace switchyard::http::access
