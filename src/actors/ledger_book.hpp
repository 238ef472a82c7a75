// All ledgers of the process and the admissions that are open: all or nothing, in one step. Pure state of the
// ledgers actor. No clock, no CAF.
#pragma once

#include "actors/ledger.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace switchyard::actors {

class LedgerBook {
 public:
  /// Above so many ledgers those of customers and tags go when they are idle, also when they limit something:
  /// their names come from clients.
  static constexpr std::size_t k_most = 200'000;

  explicit LedgerBook(LedgerRules rules) { set_rules(std::move(rules)); }
  void set_rules(LedgerRules rules);

  /// Without the mailbox. Refused: nothing is reserved anywhere.
  AdmitAnswer admit(const AdmitQuery& query);
  /// Unknown ids (settled before) are ignored.
  void settle(const Settle& how);
  void news(const LedgerNews& news);

  /// Null when nobody asked for it yet.
  const Ledger* find(EntityKind kind, std::string_view id) const;
  std::size_t size() const noexcept { return ledgers_.size(); }
  std::size_t open() const noexcept { return admissions_.size() - free_.size(); }

 private:
  struct Name {
    EntityKind kind;
    std::string id;
  };
  struct NameView {
    EntityKind kind;
    std::string_view id;
    NameView(EntityKind k, std::string_view i) : kind(k), id(i) {}
    NameView(const Name& name) : kind(name.kind), id(name.id) {}
    friend bool operator==(const NameView&, const NameView&) = default;
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(const NameView& name) const noexcept {
      return std::hash<std::string_view>{}(name.id) ^ (static_cast<std::size_t>(name.kind) << 56);
    }
  };
  struct Equal {
    using is_transparent = void;
    bool operator()(const NameView& a, const NameView& b) const noexcept { return a == b; }
  };
  /// A slot, used again and again; its count makes ids unique.
  struct Admission {
    std::vector<Ledger::Hold> holds;
    std::uint32_t count = 0;
    bool open = false;
  };

  Ledger* known(EntityKind kind, std::string_view id);
  Ledger& ledger_of(const EntityPtr& entity, WallTime now);
  AdmitAnswer raise(const AdmitQuery& query);
  Admission* admission_of(std::uint64_t id);
  void gather(const AdmitQuery& query);
  bool refused_for_budget(const AdmitQuery& query, AdmitAnswer& answer);
  bool refused_for_limit(const AdmitQuery& query, AdmitAnswer& answer) const;
  void reserve(const AdmitQuery& query, AdmitAnswer& answer);
  void tell(const AdmitQuery& query, AdmitAnswer& answer);
  void learn(const EntityPtr& row, bool set);
  void forget(const Touched& touched);
  void sweep();

  LedgerRules rules_;
  Millis unused_{0};
  EntityPtr proxy_; ///< null when nothing limits the whole proxy
  std::unordered_map<Name, std::unique_ptr<Ledger>, Hash, Equal> ledgers_;
  std::vector<Admission> admissions_;
  std::vector<std::uint32_t> free_;
  std::vector<Ledger*> asked_;  ///< of the present query, each once
  std::uint64_t committed_ = 0; ///< batches that news told of
  Instant now_{};               ///< the latest that a message knew
  WallTime wall_{};
  std::size_t next_bucket_ = 0;
  std::uint32_t until_sweep_ = 0;
};

} // namespace switchyard::actors
