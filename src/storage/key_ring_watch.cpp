// Finding what somebody else wrote. Store threads, one caller at a time.
#include "key_ring_watch.hpp"

#include <switchyard/json.hpp>

#include <algorithm>

namespace switchyard::storage {
namespace {

using namespace identities;
using What = Touched::What;

constexpr std::chrono::seconds k_reach_back{60}; // clocks of writers differ, transactions take time
constexpr std::int64_t k_many = 20'000;          // more changes than this: reading everything is cheaper
constexpr std::int64_t k_sweep = 10'000;         // rows per look

constexpr std::string_view k_members_sql =
    "SELECT \"user_id\", \"team_id\", \"spend\", \"budget_id\" FROM \"LiteLLM_TeamMembership\" "
    "WHERE (\"user_id\", \"team_id\") > ($1, $2) ORDER BY \"user_id\", \"team_id\" LIMIT 10000";
constexpr std::string_view k_customers_sql =
    "SELECT \"user_id\", \"spend\", \"budget_id\", \"blocked\", \"allowed_model_region\", "
    "\"default_model\" FROM \"LiteLLM_EndUserTable\" WHERE \"user_id\" > $1 AND "
    "(\"budget_id\" IS NOT NULL OR \"blocked\" OR \"allowed_model_region\" IS NOT NULL OR "
    "\"default_model\" IS NOT NULL) ORDER BY \"user_id\" LIMIT 10000";

std::uint64_t hash_of(std::string_view text) { return std::hash<std::string_view>()(text); }

std::uint64_t hash_of(const Row& row) { return hash_of(to_json(Value(row))); }

std::string own_name(const Touched& touched) {
  return std::to_string(static_cast<int>(touched.what)) + ":" + touched.id;
}

Ids ids_in(Reader& reader, const Source& source) {
  Ids out;
  const Source narrow{source.table, source.id, {std::string(source.id)}};
  reader.all(narrow, {}, [&](const Row& row) { out.insert(Fields(source.table, row, source.id).id()); });
  return out;
}

} // namespace

bool StampWatch::look(Reader& reader, WallTime now, std::vector<Touched>& out) {
  stamps_.clear();
  if (!reader.ok()) return true;
  const Value since(wire_time(mark_ - k_reach_back));
  auto rows = reader.session().select(
      {std::string(source_.table), {{source_.columns[1], ">", since}}, {}, k_many, 0, source_.columns});
  if (!rows) {
    if (rows.error().extra().type != "missing_table") reader.fail(rows.error());
    return true;
  }
  WallTime newest = mark_;
  for (auto& row : *rows) {
    const Fields fields(source_.table, row, source_.id);
    const auto stamp = fields.time(stamp_);
    if (!stamp) continue;
    auto& seen = seen_[fields.id()];
    if (seen == *stamp) continue;
    seen = *stamp;
    newest = std::max(newest, *stamp);
    out.push_back({what_, fields.id()});
    stamps_.push_back(*stamp);
  }
  mark_ = std::min(newest, now); // a stamp from the future must not hide what comes before it
  std::erase_if(seen_, [&](auto& one) { return one.second < mark_ - k_reach_back; });
  return rows->size() < static_cast<std::size_t>(k_many);
}

void Sweep::look(Reader& reader, std::vector<Touched>& out) {
  ended_ = false;
  if (!reader.ok()) return;
  auto rows = reader.session().query(sql_, cursor_);
  if (!rows) return reader.fail(rows.error());
  for (auto& row : *rows) meet(row, out);
  if (rows->size() == static_cast<std::size_t>(k_sweep)) {
    const Fields last("", rows->back(), id_.front());
    for (std::size_t i = 0; i < id_.size(); ++i) cursor_[i] = Value(last.text(id_[i]));
    return;
  }
  ended_ = true;
  std::erase_if(prints_, [&](auto& one) { return one.second.round != round_; });
  ++round_;
  std::fill(cursor_.begin(), cursor_.end(), Value(std::string()));
}

void Sweep::meet(const Row& row, std::vector<Touched>& out) {
  const Fields fields("", row, id_.back()); // (user_id, team_id) -> "<team>:<user>"
  const std::string id = id_.size() == 1 ? fields.id() : member_id(fields.id(), fields.text(id_.front()));
  auto& print = prints_[hash_of(id)];
  print.round = round_;
  lost_.erase(hash_of(id));
  const auto hash = hash_of(row);
  if (std::exchange(print.hash, hash) != hash) out.push_back({what_, id});
}

bool Sweep::lost(std::string_view id) {
  const auto hash = hash_of(id);
  return !prints_.contains(hash) && lost_.insert(hash).second;
}

Watch::Watch()
    : aliases_("ModelTable", "id", "updated_at", What::team),
      members_(k_members_sql, {"user_id", "team_id"}, What::member),
      customers_(k_customers_sql, {"user_id"}, What::customer) {
  for (auto [source, what] : {std::pair(&source::k_keys, What::key),
                              {&source::k_teams, What::team},
                              {&source::k_users, What::user},
                              {&source::k_organizations, What::organization},
                              {&source::k_projects, What::project},
                              {&source::k_tags, What::tag},
                              {&source::k_access_groups, What::access_group},
                              {&source::k_budgets, What::budget}})
    stamped_.emplace_back(source->table, source->id, "updated_at", what);
  stamped_.emplace_back("DeprecatedVerificationToken", "token", "created_at", What::key);
}

void Watch::begin(WallTime now) {
  for (auto& watch : stamped_) watch.begin(now);
  aliases_.begin(now);
}

Result<Sighting> Watch::look(Session& session, WallTime now, const std::vector<Touched>& own) {
  Reader reader(session);
  std::unordered_set<std::string> ours;
  for (auto& one : own) ours.insert(own_name(one));
  Sighting out;
  for (auto& watch : stamped_) {
    const std::size_t before = out.touched.size();
    out.reload |= !watch.look(reader, now, out.touched);
    for (std::size_t i = before; i < out.touched.size(); ++i)
      if (!ours.contains(own_name(out.touched[i])))
        out.oldest = std::min(out.oldest, watch.stamps()[i - before]);
  }
  look_at_aliases(reader, now, out);
  members_.look(reader, out.touched);
  customers_.look(reader, out.touched);
  // What was found is remembered as seen, so it goes out even when a later statement failed.
  if (!reader.ok() && out.touched.empty()) return reader.state().error();
  out.reload |= out.touched.size() > static_cast<std::size_t>(k_many);
  return out;
}

void Watch::look_at_aliases(Reader& reader, WallTime now, Sighting& out) {
  std::vector<Touched> rows;
  out.reload |= !aliases_.look(reader, now, rows);
  for (auto& row : rows) {
    const Value text(row.id);
    const auto id = whole_of({"ModelTable", row.id}, "id", &text);
    if (!id || !reader.ok()) continue;
    auto teams =
        reader.session().select({"TeamTable", {{"model_id", "=", Value(*id)}}, {}, -1, 0, {"team_id"}});
    if (!teams) return reader.fail(teams.error());
    for (auto& team : *teams) out.touched.push_back({What::team, Fields("TeamTable", team, "team_id").id()});
  }
}

void Watch::compare_budgets(Reader& reader, Sighting& out) {
  auto now = ids_in(reader, source::k_budgets);
  if (!reader.ok()) return;
  // Its rows refer to nothing now and carry no stamp of that.
  for (auto& id : budgets_)
    if (!now.contains(id)) out.reload = true;
  budgets_ = std::move(now);
}

namespace {

struct Differ {
  Reader& reader;
  const Known& known;
  Sighting& out;

  /// Tables of which every row has a record: read again when the numbers differ.
  template <class R>
  void rows(const Source& source, RecordMap<R> IdentitySet::*map, What what, std::size_t expected) {
    auto count = reader.session().count(source.table);
    if (!count) {
      if (count.error().extra().type != "missing_table") reader.fail(count.error());
      return;
    }
    if (static_cast<std::size_t>(*count) == expected) return;
    auto now = ids_in(reader, source);
    if (!reader.ok()) return;
    known.each(map, [&](const std::string& id, const R& record) {
      if (!now.erase(id) && !is_alias(id, record)) out.touched.push_back({what, id});
    });
    for (auto& id : now) out.touched.push_back({what, id}); // what is left has no record yet
  }
  /// Tables of which only some rows have a record: there are few of them.
  template <class R>
  void gone(const Source& source, RecordMap<R> IdentitySet::*map, What what) {
    if (known.count(map) == 0) return;
    const auto now = ids_in(reader, source);
    if (!reader.ok()) return;
    known.each(map, [&](const std::string& id, const R& record) {
      if (!now.contains(id) && !now.contains(row_of(id, record))) out.touched.push_back({what, id});
    });
  }
  static bool is_alias(const std::string& id, const KeyRecord& key) { return key.hash != id; }
  template <class R>
  static bool is_alias(const std::string&, const R&) {
    return false;
  }
  static const std::string& row_of(const std::string&, const AccessGroupRecord& group) { return group.id; }
  template <class R>
  static const std::string& row_of(const std::string& id, const R&) {
    return id;
  }
};

} // namespace

Result<void> Watch::compare(Session& session, const Known& known, Sighting& out) {
  Reader reader(session);
  Differ differ{reader, known, out};
  differ.rows(source::k_keys, &IdentitySet::keys, What::key, known.key_rows());
  differ.rows(source::k_teams, &IdentitySet::teams, What::team, known.count(&IdentitySet::teams));
  differ.rows(source::k_users, &IdentitySet::users, What::user, known.count(&IdentitySet::users));
  differ.rows(source::k_organizations, &IdentitySet::organizations, What::organization,
              known.count(&IdentitySet::organizations));
  differ.rows(source::k_projects, &IdentitySet::projects, What::project, known.count(&IdentitySet::projects));
  differ.gone(source::k_tags, &IdentitySet::tags, What::tag);
  differ.gone(source::k_access_groups, &IdentitySet::access_groups, What::access_group);
  compare_budgets(reader, out);
  if (members_.ended())
    known.each(&IdentitySet::members, [&](const std::string& id, const MemberRecord&) {
      if (members_.lost(id)) out.touched.push_back({What::member, id});
    });
  if (customers_.ended())
    known.each(&IdentitySet::customers, [&](const std::string& id, const CustomerRecord&) {
      if (customers_.lost(id)) out.touched.push_back({What::customer, id});
    });
  if (!reader.ok()) return reader.state().error();
  return {};
}

Result<bool> Watch::models_changed(Session& session) {
  Reader reader(session);
  std::uint64_t sum = 1;
  const auto add = [&](const Row& row) { sum = sum * 1'000'003 + hash_of(row); };
  reader.all({"ProxyModelTable", "model_id", {"model_id", "updated_at"}}, {}, add);
  reader.all({"CredentialsTable", "credential_id", {"credential_id", "updated_at"}}, {}, add);
  reader.all({"Config", "param_name", {}}, {}, add);
  if (!reader.ok()) return reader.state().error();
  return std::exchange(models_, sum) != sum;
}

} // namespace switchyard::storage
