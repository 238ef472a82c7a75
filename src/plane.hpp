// Keys, budgets and spend as main runs them: the data directory, the store, the key ring, the spend writer
// and the desk that takes management calls. Owned by main's thread; its parts have threads of their own.
#pragma once

#include <switchyard/config.hpp>
#include <switchyard/error.hpp>
#include <switchyard/graph.hpp>
#include <switchyard/journal.hpp>
#include <switchyard/key_ring.hpp>
#include <switchyard/serving.hpp>
#include <switchyard/store.hpp>

#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace switchyard {

struct PlaneHooks {
  std::function<void(IdentityDelta, std::function<void()>)> publish;
  std::function<std::vector<std::string>(const ValueMap&)> check_config;
  std::function<void()> models_changed; ///< on a store thread: the configuration is to be read again
  management::PriceReload price_reload;
};

class Plane {
 public:
  /// Null when there is nothing to keep: no master key and no database. Errors name the setting.
  static Result<std::unique_ptr<Plane>> open(const Config& config);
  ~Plane();

  /// What the database adds to the document of config.yaml; called by the loader, also before serve().
  void lay_over(Value& document, std::vector<std::string>& warnings);
  /// Makes what shards use. Call once, before the shards start.
  ServingPlanePtr serve(ConfigPtr config, Ledgers ledgers, PriceBookPtr prices, PlaneHooks hooks);
  /// Loads keys, recovers journals, follows the live ones. Waits until the keys are on their way to the
  /// shards, but not for a database that is down or very large.
  void start();
  /// Behind the shards' end: the last events are written, then the store is closed.
  void stop();

 private:
  Plane() = default;
  void prepare();
  void run(const management::Desk& message, storage::Session& session);
  void append_metrics(metrics::Text& text) const;
  void do_chores(const std::stop_token& stop);
  void look_at_prices(storage::Session& session);
  void clean_ui_keys(storage::Session& session);
  void rotate_keys(storage::Session& session);

  ConfigPtr config_;
  SystemClock clock_;
  Secret material_; ///< encrypts at rest
  bool settings_in_store_ = false, models_in_store_ = false, migrates_ = true;
  std::unique_ptr<storage::DataDirectory> directory_;
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<storage::KeyRing> keys_;
  std::unique_ptr<storage::SpendWriter> spend_;
  PlaneHooks hooks_;
  std::promise<void> loaded_;
  std::once_flag first_load_;
  std::jthread preparing_;
  std::jthread chores_; ///< waits for the database, now and then
  std::mutex chores_mutex_;
  std::condition_variable_any chores_wake_;
  Instant next_cleaning_{}, next_prices_{}, next_rotation_{};
  WallTime started_ = SystemClock().wall();
};

/// The built-in prices under LITELLM_MODEL_COST_MAP_URL (a path, or a file, http or https URL), when that is
/// set. Waits for the network, ten seconds at most.
Result<PriceBookPtr> read_prices(const Config& config, std::vector<std::string>& warnings);
/// The same for the start: without the table the built-in prices count, with a warning.
PriceBookPtr load_prices(const Config& config, std::vector<std::string>& warnings);
/// provider_budget_config and the rows' max_budget; sums of `before` go on. Null = none.
std::shared_ptr<const RouteBudgets> route_budgets(const Config& config, const RouteBudgets* before);
/// Fills in what calls of a row cost: its own prices over those of its model.
void set_price(const PriceBook& prices, const Config& config, Deployment& row,
               std::vector<std::string>& warnings);

} // namespace switchyard
