// Wires the store, the key ring, the spend writer and the management desk together. Main's thread and the
// store's threads; nothing here runs on a shard.
#include "plane.hpp"

#include <switchyard/at_rest.hpp>
#include <switchyard/db_models.hpp>
#include <switchyard/log.hpp>
#include <switchyard/plane.hpp>

#include <algorithm>

namespace switchyard {

namespace {

/// Takes management calls from the shards.
class DeskSink final : public Mailbox<management::Desk>::Sink {
 public:
  DeskSink(storage::Store& store, std::function<void(const management::Desk&, storage::Session&)> serve)
      : store_(store), serve_(std::move(serve)) {}
  void send(management::Desk message) const override {
    store_.run([serve = serve_, message = std::move(message)](storage::Session& session) {
      serve(message, session);
    });
  }

 private:
  storage::Store& store_;
  std::function<void(const management::Desk&, storage::Session&)> serve_;
};

bool changes_models(const std::vector<Touched>& touched) {
  return std::any_of(touched.begin(), touched.end(), [](auto& one) {
    return one.what == Touched::What::model || one.what == Touched::What::config;
  });
}

storage::StoreOptions store_options(const PlaneSettings& settings, const std::string& directory) {
  storage::StoreOptions options;
  options.url = settings.database_url.empty() ? Secret("sqlite://" + directory + "/switchyard.db")
                                              : settings.database_url;
  options.connections = std::max(1, settings.connections);
  options.connect_timeout = settings.connect_timeout;
  return options;
}

} // namespace

Result<std::unique_ptr<Plane>> Plane::open(const Config& config) {
  auto& settings = *config.plane;
  const auto url = settings.database_url.reveal();
  if (url == "none" || (config.general.master_key.empty() && url.empty())) return std::unique_ptr<Plane>();
  auto plane = std::unique_ptr<Plane>(new Plane);
  auto directory = storage::DataDirectory::open(storage::default_data_directory(settings.data_dir));
  if (!directory) return directory.error();
  plane->directory_ = std::move(*directory);
  auto store = storage::open_store(store_options(settings, plane->directory_->path()));
  if (!store) return store.error();
  plane->store_ = std::move(*store);
  plane->material_ = settings.salt_key.empty() ? config.general.master_key : settings.salt_key;
  plane->settings_in_store_ = settings.store_model_in_db;
  plane->models_in_store_ = settings.store_model_in_db && settings.load_db_models;
  plane->migrates_ = !settings.disable_schema_update;
  plane->prepare();
  return plane;
}

Plane::~Plane() { stop(); }

/// Brings the schema up to date. A database that is down does not stop the start: known keys work once it is
/// back, and readiness says so meanwhile.
void Plane::prepare() {
  if (!migrates_) return;
  const auto migrate_now = [this] {
    auto session = store_->open();
    if (!session) return session.error();
    auto done = storage::migrate(**session, false);
    if (!done) return done.error();
    for (auto& line : *done) log::info("store.migrated", {{"change", line}});
    return Error(Errc::none);
  };
  const auto problem = migrate_now();
  if (problem.code == Errc::none) return;
  log::error("store", {{"problem", problem.message}, {"then", "tried again until it works"}});
  preparing_ = std::jthread([migrate_now](std::stop_token stop) {
    while (!stop.stop_requested() && migrate_now().code != Errc::none)
      for (int i = 0; i < 20 && !stop.stop_requested(); ++i) std::this_thread::sleep_for(Millis(100));
  });
}

void Plane::lay_over(Value& document, std::vector<std::string>& warnings) {
  if (!settings_in_store_) return;
  auto session = store_->open();
  if (!session)
    return warnings.push_back("models and settings of the database are not loaded: " +
                              session.error().message);
  auto models = models_in_store_ ? management::load_models(**session, material_) : management::DbModels();
  auto settings = management::load_config(**session, material_);
  if (!models || !settings)
    return warnings.push_back("models and settings of the database are not loaded: " +
                              (models ? settings.error().message : models.error().message));
  warnings.insert(warnings.end(), models->warnings.begin(), models->warnings.end());
  warnings.insert(warnings.end(), settings->warnings.begin(), settings->warnings.end());
  management::lay_over(document, *models, *settings);
}

ServingPlanePtr Plane::serve(ConfigPtr config, Ledgers ledgers, PriceBookPtr prices, PlaneHooks hooks) {
  config_ = config, hooks_ = std::move(hooks);
  storage::SpendWriterHooks spend_hooks;
  spend_hooks.flushed = [news = ledgers.news](const FlushedSpend& spend, std::uint64_t committed) {
    LedgerNews told;
    if (!spend.recovered) told.flushed = spend.parts; // no ledger of this process counted the others
    told.version = committed;
    news.send(std::move(told));
  };
  spend_hooks.reset = [this](storage::Session& session, const std::vector<Touched>& touched) {
    keys_->changed(session, touched, {});
  };
  auto spend =
      storage::SpendWriter::create(*store_, *directory_, *config->plane, clock_, std::move(spend_hooks));
  if (!spend) throw std::runtime_error(spend.error().message);
  spend_ = std::move(*spend);
  storage::KeyRingHooks ring;
  ring.publish = [this](IdentityDelta delta, std::function<void()> done) {
    const bool base = delta.base != nullptr;
    hooks_.publish(std::move(delta), std::move(done));
    if (base) std::call_once(first_load_, [this] { loaded_.set_value(); });
  };
  ring.ledger_news = [news = ledgers.news](LedgerNews told) { news.send(std::move(told)); };
  ring.models_changed = [this] { // under the ring's lock: not at once
    store_->run([this](storage::Session&) { hooks_.models_changed(); });
  };
  ring.committed = [this] { return spend_->committed(); };
  keys_ = storage::KeyRing::create(*store_, *config->plane, clock_, std::move(ring));

  auto serving = std::make_shared<ServingPlane>();
  serving->keys = keys_->keys(), serving->customers = keys_->customers();
  serving->ledgers = std::move(ledgers), serving->prices = std::move(prices);
  serving->desk = Mailbox<management::Desk>(
      std::make_shared<DeskSink>(*store_, [this](const management::Desk& message, storage::Session& session) {
        run(message, session);
      }));
  serving->open_journal = [this](std::size_t shard) { return spend_->open_journal(shard); };
  serving->check_config = hooks_.check_config;
  serving->price_reload = hooks_.price_reload;
  serving->store_up = [this] { return store_->up(); };
  serving->metrics = [this](metrics::Text& text) { append_metrics(text); };
  return serving;
}

/// What the caller sees includes every request that was answered before; what it wrote is on every shard
/// before it hears of it.
void Plane::run(const management::Desk& message, storage::Session& session) {
  spend_->flush();
  management::Answer answer;
  answer.reply = management::run(*message.query.route, session, *message.query.call);
  answer.served = true;
  const auto touched = answer.reply.touched;
  if (touched.empty()) {
    message.duty.answer(std::move(answer));
    return;
  }
  if (changes_models(touched)) hooks_.models_changed();
  keys_->changed(session, touched,
                 [duty = message.duty, answer = std::move(answer)] { duty.answer(answer); });
}

void Plane::start() {
  constexpr std::chrono::seconds k_patience{2};
  // What earlier processes left in their journals counts before the first ledger is made.
  spend_->start();
  if (store_->up()) spend_->flush();
  keys_->start();
  if (store_->up() && loaded_.get_future().wait_for(k_patience) != std::future_status::ready)
    log::warning(
        "keys", {{"problem", "still loading; requests with keys that are not there yet wait for the store"}});
  chores_ = std::jthread([this](const std::stop_token& stop) { do_chores(stop); });
}

void Plane::stop() {
  if (preparing_.joinable()) preparing_.request_stop(), preparing_.join();
  if (chores_.joinable()) chores_.request_stop(), chores_.join();
  if (keys_) keys_->stop();
  if (spend_) spend_->stop();
  if (store_) store_->close();
  keys_.reset(), spend_.reset(), store_.reset(), directory_.reset();
}

void Plane::append_metrics(metrics::Text& text) const {
  const auto spend = spend_->stats();
  struct Row {
    const char* name;
    const char* type;
    const char* help;
    double value;
  };
  auto& ring = keys_->stats();
  const Row rows[] = {
      {"switchyard_store_up", "gauge", "1 while the database answers", store_->up() ? 1.0 : 0.0},
      {"switchyard_spend_rows_written_total", "counter", "Spend events in the database",
       double(spend.written)},
      {"switchyard_spend_batches_total", "counter", "Committed batches", double(spend.batches)},
      {"switchyard_spend_failures_total", "counter", "Batches that the database did not take",
       double(spend.failures)},
      {"switchyard_spend_waiting", "gauge", "Spend events in journals only", double(spend.waiting)},
      {"switchyard_spend_journal_bytes", "gauge", "Journals on disk", double(spend.journal_bytes)},
      {"switchyard_spend_journal_max_bytes", "gauge",
       "Cap on what the database lacks (spend_journal_max_size_mb); 0 = none", double(spend.journal_most)},
      {"switchyard_spend_journal_full", "gauge", "1 while billable requests get 503 because of that cap",
       spend.journal_full ? 1.0 : 0.0},
      {"switchyard_spend_lag_seconds", "gauge", "Age of the oldest event in journals only",
       double(spend.oldest.count()) / 1000},
      {"switchyard_keys", "gauge", "Keys known", double(ring.keys.load())},
      {"switchyard_key_lookups_total", "counter", "Keys asked of the database", double(ring.lookups.load())},
      {"switchyard_key_misses_total", "counter", "Of them, those that do not exist",
       double(ring.misses.load())},
      {"switchyard_key_reloads_total", "counter", "Changes by others that were read",
       double(ring.reloads.load())},
      {"switchyard_key_delay_seconds", "gauge",
       "From the last write elsewhere to its effect here; -0.001 = none yet",
       double(ring.last_delay_ms.load()) / 1000},
  };
  for (auto& row : rows) {
    text.family(row.name, row.type, row.help);
    text.sample(row.name, {}, row.value);
  }
}

} // namespace switchyard
