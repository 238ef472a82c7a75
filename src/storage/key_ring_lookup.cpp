// Questions of shards about keys and end users that they do not know. Asked on shards (never blocking),
// answered on store threads.
#include "key_ring_core.hpp"

namespace switchyard::storage {
namespace {

/// Lives as long as the job that shall answer: when the store drops it, those who wait are told.
template <class Answer>
class Promise {
 public:
  Promise(std::shared_ptr<KeyRingCore> core, Questions<Answer>& questions, std::string id)
      : core_(std::move(core)), questions_(questions), id_(std::move(id)) {}
  Promise(const Promise&) = delete;
  Promise& operator=(const Promise&) = delete;
  ~Promise() { questions_.answer(id_, Answer::unavailable()); }

 private:
  std::shared_ptr<KeyRingCore> core_; ///< owns the questions
  Questions<Answer>& questions_;
  std::string id_;
};

FoundKey no_such_key() { return {Errc::wrong_key, nullptr}; }

/// Default limits of end users without a row of their own
Result<std::shared_ptr<const CustomerRecord>>
unwritten(Session& session, const std::string& id, const PlaneSettings& settings, std::uint64_t version) {
  using namespace identities;
  if (!settings.max_end_user_budget && settings.max_end_user_budget_id.empty()) return nullptr;
  Reader reader(session);
  Context context{settings, {}, {}, version};
  reader.some(source::k_budgets, "budget_id", {settings.max_end_user_budget_id}, [&](const Row& row) {
    const Fields fields("BudgetTable", row, "budget_id");
    context.budgets[fields.id()] = budget_of(fields);
  });
  if (!reader.ok()) return reader.state().error();
  return customer_of({{"user_id", Value(id)}}, context);
}

/// What the keys and teams of a set refer to and neither it nor the shards have.
std::vector<Touched> missing_around(const IdentitySet& set, const Known& known) {
  using What = Touched::What;
  std::vector<Touched> out;
  const auto need = [&](auto map, What what, const std::string& id) {
    if (!id.empty() && !(set.*map).contains(id) && !known.find(map, id)) out.push_back({what, id});
  };
  for (auto& [hash, key] : set.keys) {
    if (!key) continue;
    need(&IdentitySet::teams, What::team, key->team_id);
    need(&IdentitySet::users, What::user, key->user_id);
    need(&IdentitySet::organizations, What::organization, key->organization_id);
    need(&IdentitySet::projects, What::project, key->project_id);
    if (!key->team_id.empty() && !key->user_id.empty())
      need(&IdentitySet::members, What::member, identities::member_id(key->team_id, key->user_id));
  }
  for (auto& [id, team] : set.teams)
    if (team) need(&IdentitySet::organizations, What::organization, team->organization_id);
  return out;
}

} // namespace

void KeyRingCore::ask(KeyLookup question) {
  ++stats_.lookups;
  if (stopped_) return; // the duty dies here: unavailable
  auto& query = question.query;
  if (absent_.has(query.hash, query.now)) {
    ++stats_.misses;
    question.duty.answer(no_such_key());
    return;
  }
  if (key_questions_.join(query.hash, std::move(question.duty)) != Questions<FoundKey>::Turn::first) return;
  auto promise = std::make_shared<Promise<FoundKey>>(shared_from_this(), key_questions_, query.hash);
  store_.run([self = shared_from_this(), promise, query = std::move(query)](Session& session) {
    self->answer(session, query, promise);
  });
}

void KeyRingCore::ask(CustomerLookup question) {
  if (stopped_) return;
  auto& query = question.query;
  using Turn = Questions<FoundCustomer>::Turn;
  if (customer_questions_.join(query.id, std::move(question.duty)) != Turn::first) return;
  auto promise = std::make_shared<Promise<FoundCustomer>>(shared_from_this(), customer_questions_, query.id);
  store_.run([self = shared_from_this(), promise, query = std::move(query)](Session& session) {
    self->answer(session, query);
  });
}

void KeyRingCore::answer(Session& session, const FindKey& query, std::shared_ptr<void> promise) {
  auto& hash = query.hash;
  std::vector<Touched> asked = {{Touched::What::key, hash}};
  // Without the lock: most of those who ask hold a key that never existed.
  auto read = read_identities(session, asked, settings_, committed(), clock_.wall());
  if (!read) return key_questions_.answer(hash, FoundKey::unavailable());
  if (!(*read)->keys.at(hash)) {
    ++stats_.misses;
    absent_.add(hash, query.now);
    return key_questions_.answer(hash, no_such_key());
  }
  std::lock_guard lock(reading_);
  if (loading_) since_load_.insert(since_load_.end(), asked.begin(), asked.end());
  publish_found(session, hash, std::move(asked), std::move(promise));
}

void KeyRingCore::publish_found(Session& session, const std::string& hash, std::vector<Touched> asked,
                                std::shared_ptr<void> promise) {
  const std::uint64_t version = committed();
  auto set = std::make_shared<IdentitySet>();
  // The key, its team and so on, the team's organization.
  for (int depth = 0; depth < 3 && !asked.empty(); ++depth) {
    auto read = read_identities(session, asked, settings_, version, clock_.wall());
    if (!read) return key_questions_.answer(hash, FoundKey::unavailable());
    each_map([&](auto map, auto) {
      for (auto& [id, record] : (**read).*map) ((*set).*map)[id] = record;
    });
    asked = missing_around(*set, known_);
  }
  const FoundKey found{set->keys.at(hash) ? Errc::none : Errc::wrong_key, set->keys.at(hash)};
  // The shard that asked looks up the team and the rest when it has the key.
  publish(std::move(set), false, version,
          [self = shared_from_this(), promise, hash, found] { self->key_questions_.answer(hash, found); });
}

void KeyRingCore::answer(Session& session, const FindCustomer& query) {
  auto& id = query.id;
  const std::uint64_t version = committed();
  const std::vector<Touched> asked = {{Touched::What::customer, id}};
  auto read = read_identities(session, asked, settings_, version, clock_.wall());
  if (!read) return customer_questions_.answer(id, FoundCustomer::unavailable());
  auto customer = (*read)->customers.at(id);
  if (!customer) {
    auto by_default = unwritten(session, id, settings_, version);
    if (!by_default) return customer_questions_.answer(id, FoundCustomer::unavailable());
    customer = *by_default;
  }
  customer_questions_.answer(id, {Errc::none, customer});
}

} // namespace switchyard::storage
