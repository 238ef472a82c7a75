// Reading and publishing what changed: load, poll, own writes, notifications. Store threads; the questions of
// shards are in key_ring_lookup.cpp.
#include "key_ring_core.hpp"

#include "key_ring_words.hpp"

#include <switchyard/log.hpp>

#include <algorithm>

namespace switchyard::storage {
namespace {

using What = Touched::What;

bool has_record(const Touched& touched) {
  return touched.what != What::model && touched.what != What::config;
}

void append(std::vector<Touched>& to, const std::vector<Touched>& from) {
  to.insert(to.end(), from.begin(), from.end());
}

} // namespace

KeyRingCore::KeyRingCore(Store& store, PlaneSettings settings, const Clock& clock, KeyRingHooks hooks,
                         std::string name)
    : store_(store), settings_(std::move(settings)), clock_(clock), hooks_(std::move(hooks)),
      name_(std::move(name)) {}

std::uint64_t KeyRingCore::committed() {
  std::uint64_t out = 0;
  with_hooks([&] { out = hooks_.committed ? hooks_.committed() : 0; });
  return out;
}

void KeyRingCore::load(Session& session) {
  std::lock_guard alone(polling_);
  {
    std::lock_guard lock(reading_);
    loading_ = true;
    since_load_.clear();
  }
  const WallTime now = clock_.wall();
  const std::uint64_t version = committed();
  auto loaded = load_identities(session, settings_, version, now);
  std::lock_guard lock(reading_);
  loading_ = false;
  if (!loaded) return log::warning("identities_not_loaded", {{"error", loaded.error().message}});
  watch_.begin(now);
  rebase(session, std::move(*loaded), version, now);
}

void KeyRingCore::rebase(Session& session, IdentitySetPtr loaded, std::uint64_t version, WallTime now) {
  const bool first = !known_.base();
  known_.replace(std::move(loaded));
  // Written while the pages were read: which of the two the pages hold is chance.
  auto missed = std::exchange(since_load_, {});
  append(missed, std::exchange(retry_, {}));
  if (!missed.empty()) {
    if (auto changes = read_identities(session, missed, settings_, version, now)) {
      known_.lay_over(**changes);
      known_.replace(known_.merged());
    } else {
      retry_ = std::move(missed);
    }
  }
  ++stats_.reloads;
  stats_.keys = known_.key_rows();
  auto base = known_.base();
  with_hooks([&] {
    hooks_.publish({base, nullptr, true}, {});
    if (!first && hooks_.ledger_news) hooks_.ledger_news(news_of(*base, version, false));
  });
  log::info("identities_loaded", {{"keys", stats_.keys.load()}, {"teams", base->teams.size()}});
}

void KeyRingCore::poll(Session& session) {
  bool reload = false;
  {
    std::lock_guard alone(polling_);
    std::vector<Touched> own;
    {
      std::lock_guard lock(reading_);
      reload = !known_.base();
      own = std::exchange(own_, {});
    }
    if (!reload) {
      auto seen = watch_.look(session, clock_.wall(), own);
      if (!seen) return; // down: what is known stays
      {
        std::lock_guard lock(reading_);
        (void)watch_.compare(session, known_, *seen); // what it found before it failed counts
        append(seen->touched, std::exchange(retry_, {}));
      }
      reload = seen->reload;
      if (!reload && !seen->touched.empty()) {
        const auto oldest = seen->oldest;
        refresh(session, seen->touched, [self = shared_from_this(), oldest] {
          if (oldest != WallTime::max()) self->note_delay(oldest);
        });
      }
    }
  }
  if (reload) load(session);
  check_models(session);
}

void KeyRingCore::changed(Session& session, const std::vector<Touched>& touched, std::function<void()> done) {
  const WallTime now = clock_.wall();
  for (auto& one : touched)
    if (auto told = session.notify(word_of(name_, now, one)); !told)
      log::warning("change_not_announced", {{"error", told.error().message}}); // others find it by polling
  {
    std::lock_guard lock(reading_);
    append(own_, touched);
  }
  refresh(session, touched, std::move(done));
  if (!std::all_of(touched.begin(), touched.end(), has_record)) check_models(session);
}

void KeyRingCore::refresh(Session& session, const std::vector<Touched>& touched, Done done) {
  std::vector<Touched> plain, reset;
  for (auto& one : touched)
    if (has_record(one)) (one.spend_set ? reset : plain).push_back(one);
  bool handed_on = false;
  {
    std::lock_guard lock(reading_);
    if (!plain.empty()) handed_on = refresh_some(session, plain, false, reset.empty() ? done : Done());
    if (!reset.empty()) handed_on = refresh_some(session, reset, true, done);
  }
  if (!handed_on && done) done();
}

bool KeyRingCore::refresh_some(Session& session, const std::vector<Touched>& touched, bool spend_set,
                               Done done) {
  if (loading_) append(since_load_, touched);
  const std::uint64_t version = committed();
  auto read = read_identities(session, touched, settings_, version, clock_.wall());
  if (!read) {
    append(retry_, touched);
    log::warning("identities_not_read", {{"rows", touched.size()}, {"error", read.error().message}});
    return false;
  }
  return publish(std::make_shared<IdentitySet>(**read), spend_set, version, std::move(done));
}

bool KeyRingCore::publish(std::shared_ptr<IdentitySet> changes, bool spend_set, std::uint64_t version,
                          Done done) {
  // An access group is known by two names; the row only tells the new one.
  std::vector<std::string> old_names;
  for (auto& [id, group] : changes->access_groups)
    if (auto before = known_.find(&IdentitySet::access_groups, id); before && before->id == id)
      if (!group || group->name != before->name) old_names.push_back(before->name);
  for (auto& name : old_names) changes->access_groups.try_emplace(name);
  for (auto& [hash, key] : changes->keys)
    if (key) absent_.remove(hash);
  known_.lay_over(*changes);
  IdentityDelta delta;
  delta.changes = changes;
  if (known_.overgrown()) {
    known_.replace(known_.merged());
    delta.base = known_.base();
    delta.changes = nullptr;
  }
  stats_.keys = known_.key_rows();
  return with_hooks([&] {
    hooks_.publish(std::move(delta), std::move(done));
    if (hooks_.ledger_news) hooks_.ledger_news(news_of(*changes, version, spend_set));
  });
}

void KeyRingCore::check_models(Session& session) {
  std::lock_guard alone(polling_);
  auto differ = watch_.models_changed(session);
  if (!differ) return;
  // The first look only tells what there is.
  if (std::exchange(models_known_, true) && *differ)
    with_hooks([&] {
      if (hooks_.models_changed) hooks_.models_changed();
    });
}

void KeyRingCore::note_delay(WallTime written) {
  const auto delay = std::chrono::duration_cast<Millis>(clock_.wall() - written).count();
  stats_.last_delay_ms = std::max<std::int64_t>(delay, 0);
}

void KeyRingCore::hear(std::string_view word) {
  constexpr std::size_t k_most = 10'000; // more are not worth keeping: a poll finds them all
  {
    std::lock_guard lock(heard_lock_);
    if (heard_.size() < k_most)
      heard_.emplace_back(word);
    else
      heard_.back().clear();
    if (std::exchange(hearing_, true)) return;
  }
  store_.run([self = shared_from_this()](Session& session) { self->listen(session); });
}

void KeyRingCore::listen(Session& session) {
  std::vector<std::string> words;
  {
    std::lock_guard lock(heard_lock_);
    hearing_ = false;
    words = std::exchange(heard_, {});
  }
  std::vector<Touched> touched;
  WallTime oldest = WallTime::max();
  bool look = false, models = false;
  for (auto& word : words) {
    const Heard heard = heard_in(word);
    if (heard.sender == name_ && !name_.empty()) continue;
    if (heard.written) oldest = std::min(oldest, *heard.written);
    if (!heard.touched)
      look = true;
    else if (has_record(*heard.touched))
      touched.push_back(*heard.touched);
    else
      models = true;
  }
  const auto noted = [self = shared_from_this(), oldest] {
    if (oldest != WallTime::max()) self->note_delay(oldest);
  };
  if (!touched.empty() && !stopped_) refresh(session, touched, noted);
  if (look && !stopped_) poll(session);
  if (models && !look && !stopped_) check_models(session);
}

void KeyRingCore::stop() {
  std::lock_guard gate(gate_);
  stopped_ = true;
}

} // namespace switchyard::storage
