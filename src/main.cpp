// The composition root: the only file that knows every folder, and the order of start and stop.
#include "banner.hpp"
#include "commands.hpp"
#include "db_commands.hpp"
#include "plane.hpp"
#include "watch.hpp"

#include <switchyard/actor_runtime.hpp>
#include <switchyard/config_loader.hpp>
#include <switchyard/environment.hpp>
#include <switchyard/log.hpp>
#include <switchyard/plane.hpp>
#include <switchyard/provider.hpp>
#include <switchyard/provider_utils.hpp>
#include <switchyard/server.hpp>
#include <switchyard/version.hpp>

#include <csignal>
#include <iostream>
#include <mutex>

namespace switchyard {

namespace {

config::Environment shared_environment() {
  auto environment_of_process = config::process_environment();
  environment_of_process.get = [](const std::string& name) { return environment(name); };
  environment_of_process.set = [](const std::string& name, const std::string& value) {
    set_environment(name, value);
  };
  return environment_of_process;
}

/// Without a key and without --host only this machine may call.
ConfigPtr with_safe_host(ConfigPtr loaded) {
  if (!loaded->general.master_key.empty() || loaded->server.host_given) return loaded;
  auto changed = std::make_shared<Config>(*loaded);
  changed->server.host = "127.0.0.1";
  changed->warnings.push_back(
      "no master_key is set: listening on 127.0.0.1 only, open to every local user. Set "
      "general_settings.master_key (or LITELLM_MASTER_KEY), or pass --host to open it on purpose");
  return changed;
}

/// What the loader says against sections that are about to be stored.
std::vector<std::string> problems_of(const ValueMap& sections) {
  auto environment_of_process = shared_environment();
  environment_of_process.set = [](const std::string&, const std::string&) {};
  auto loaded = config::load_text("stored configuration", to_json(Value(sections)), environment_of_process);
  if (!loaded) return {loaded.error().message};
  std::vector<std::string> problems;
  for (auto& warning : (*loaded)->warnings)
    if (warning.find("unknown key") != warning.npos) problems.push_back(warning);
  return problems;
}

/// Everything that runs. Members are destroyed in reverse: the actor system before the shards' contexts.
class Gateway {
 public:
  Gateway(config::LoadOptions options, ConfigPtr config)
      : options_(std::move(options)), config_(std::move(config)) {}

  int run() {
    server_ = http::Server::create(config_);
    auto port = server_->bind();
    if (!port) {
      log::error("start", {{"problem", port.error().message}});
      return 1;
    }
    runtime_ = ActorRuntime::create(server_->contexts());
    if (auto opened = open_plane(); !opened) {
      log::error("start", {{"problem", opened.error().message}});
      return 1;
    }
    auto warnings = config_->warnings;
    prices_ = load_prices(*config_, warnings);
    routing_ = build(config_, warnings);
    serve_plane();
    if (plane_) plane_->start(); // the keys are on the shards before the first request is
    server_->start(
        routing_, [this](std::size_t shard) { runtime_->attach_this_thread(shard); },
        [this] { runtime_->detach_this_thread(); });
    WatchHandlers handlers{[this] { return reload(); },
                           [&] { print_banner(*config_, *routing_, warnings, *port); }};
    int signal = watch_until_stopped(watched(), handlers);
    stop(signal);
    return 0;
  }

 private:
  /// The store, and the configuration once more with what the store adds to it.
  Result<void> open_plane() {
    auto opened = Plane::open(*config_);
    if (!opened) return opened.error();
    plane_ = std::move(*opened);
    if (!plane_ || !config_->plane->store_model_in_db) return {};
    options_.overlay = [this](Value& document, std::vector<std::string>& warnings) {
      plane_->lay_over(document, warnings);
    };
    auto loaded = config::load(options_);
    if (!loaded) return loaded.error();
    auto next = std::make_shared<Config>(**loaded);
    next->server = config_->server;
    config_ = next;
    return {};
  }

  void serve_plane() {
    if (!plane_) return;
    LedgerOptions ledgers;
    ledgers.rate_window = config_->plane->rate_window;
    ledgers.timezone = config_->plane->timezone;
    ledgers.budget_status = config_->plane->budget_exceeded_status;
    PlaneHooks hooks;
    hooks.publish = [this](IdentityDelta delta, std::function<void()> done) {
      server_->publish(std::move(delta), std::move(done));
    };
    hooks.models_changed = [this] { reload(); };
    hooks.price_reload.run = [this] { return reload_prices(); };
    hooks.price_reload.last = [this] {
      const std::lock_guard lock(reloading_);
      return prices_read_;
    };
    hooks.check_config = [](const ValueMap& sections) { return problems_of(sections); };
    server_->use(plane_->serve(config_, runtime_->ledgers(ledgers), prices_, std::move(hooks)));
    http::install_management_routes(management::all_routes());
  }

  RoutingPtr build(ConfigPtr& config, std::vector<std::string>& warnings) {
    ProviderCalls calls;
    calls.budgets = route_budgets(*config, config_->plane->route_budgets.get());
    // Requests find both where the other settings are.
    auto plane = std::make_shared<PlaneSettings>(*config->plane);
    plane->route_budgets = calls.budgets, plane->prices = prices_;
    auto filled = std::make_shared<Config>(*config);
    filled->plane = std::move(plane);
    config = std::move(filled);
    calls.prepare = [](const ModelRow& row) -> Result<ProviderCalls::TargetPtr> {
      auto prepared = providers::prepare(row.params, row.params.model, environment_or_empty);
      if (!prepared) return prepared.error();
      return prepared->target;
    };
    calls.infer = [](std::string_view model) { return providers::provider_name(model, {}, {}); };
    calls.takes = [](const Deployment& row, std::string_view parameter) {
      auto& allowed = row.row.params.allowed_openai_params;
      return !row.target || row.row.params.drop_params.value_or(false) ||
             std::find(allowed.begin(), allowed.end(), parameter) != allowed.end() ||
             providers::takes_param(*row.target, parameter);
    };
    calls.price = [&](Deployment& row) { set_price(*prices_, *config, row, warnings); };
    return runtime_->build(config, calls, routing_, warnings);
  }

  /// A valid file replaces the graph; running requests keep theirs. An invalid one changes nothing.
  std::vector<std::string> reload() {
    const std::lock_guard lock(reloading_); // main's thread, and the store's after /model/new
    if (auto read = server_->reload_certificate(); !read)
      log::error("reload.refused", {{"problems", read.error().message}});
    auto loaded = config::load(options_);
    if (!loaded) {
      log::error("reload.refused", {{"problems", loaded.error().message}});
      return watched();
    }
    if (opens_the_door(**loaded)) {
      log::error("reload.refused",
                 {{"problems", "general_settings.master_key is gone: a server that listens on " +
                                   config_->server.host + " is not opened by a reload; restart it"}});
      return watched();
    }
    auto next = std::make_shared<Config>(**loaded);
    next->server = config_->server; // listeners are not rebuilt
    auto changes = config::diff(*config_, *next);
    if (changes.empty()) return watched();
    auto warnings = next->warnings;
    ConfigPtr ready = next;
    routing_ = build(ready, warnings);
    config_ = ready;
    server_->publish(routing_);
    for (auto& change : changes) log::info("reload", {{"change", change}});
    for (auto& warning : warnings) log::warning("config", {{"warning", warning}});
    return watched();
  }

  /// Files whose change is a reload: the configuration's, the certificate and its key.
  std::vector<std::string> watched() const {
    auto files = config::watched_files(*config_);
    for (auto* file : {&config_->server.ssl_certfile_path, &config_->server.ssl_keyfile_path})
      if (!file->empty()) files.push_back(*file);
    return files;
  }

  /// The cost map once more; rows get its prices, requests that run keep theirs. Store threads.
  Result<std::size_t> reload_prices() {
    ConfigPtr present;
    {
      const std::lock_guard lock(reloading_);
      present = config_;
    }
    std::vector<std::string> warnings;
    auto fresh = read_prices(*present, warnings); // may wait for the network
    if (!fresh) return fresh.error();
    const std::lock_guard lock(reloading_);
    prices_ = *fresh, prices_read_ = SystemClock().wall();
    ConfigPtr ready = config_;
    routing_ = build(ready, warnings);
    config_ = ready;
    server_->publish(routing_);
    log::info("prices", {{"models", prices_->size()}});
    for (auto& warning : warnings) log::warning("config", {{"warning", warning}});
    return prices_->size();
  }

  /// A key that went missing must not turn a guarded server into an open one.
  bool opens_the_door(const Config& next) const {
    return !config_->general.master_key.empty() && next.general.master_key.empty();
  }

  /// architecture.md 2, shutdown: drain, join the shards, then the actors, then the contexts.
  void stop(int signal) {
    log::info("stop", {{"signal", signal}, {"drain_seconds", config_->server.drain_timeout}});
    server_->drain(Millis(static_cast<std::int64_t>(config_->server.drain_timeout * 1000)));
    server_->join();
    if (plane_) plane_->stop();
    routing_.reset();
    runtime_->stop();
  }

  config::LoadOptions options_;
  ConfigPtr config_;
  std::unique_ptr<http::Server> server_;
  std::unique_ptr<ActorRuntime> runtime_;
  RoutingPtr routing_;
  PriceBookPtr prices_;
  std::optional<WallTime> prices_read_; ///< by reload_prices()
  std::unique_ptr<Plane> plane_;
  std::mutex reloading_;
};

int serve(config::LoadOptions options) {
  auto loaded = config::load(options);
  if (!loaded) {
    std::cerr << loaded.error().message << "\n";
    return 1;
  }
  auto config = with_safe_host(*loaded);
  log::start(config->log_level, config->json_logs, config->log_file);
  std::signal(SIGPIPE, SIG_IGN);
  int code = Gateway(std::move(options), config).run();
  log::stop();
  return code;
}

/// --test and --health read the configuration only to find the port and the key; without one the defaults do.
int call_running_server(const config::LoadOptions& options) {
  auto loaded = config::load(options);
  auto* config = loaded ? loaded->get() : nullptr;
  bool test = options.command_line.action == config::Action::test;
  return test ? run_test(options.command_line, config) : run_health(options.command_line, config);
}

int run(config::LoadOptions options) {
  switch (options.command_line.action) {
  case config::Action::help:
    std::cout << options.command_line.text;
    return 0;
  case config::Action::version:
    std::cout << "switchyard " << k_version << "\n";
    return 0;
  case config::Action::print_reference:
    std::cout << config::reference_markdown();
    return 0;
  case config::Action::print_providers:
    std::cout << providers::provider_table();
    return 0;
  case config::Action::validate:
    return validate_config(options);
  case config::Action::test:
  case config::Action::health:
    return call_running_server(options);
  case config::Action::serve:
    break;
  }
  return serve(std::move(options));
}

} // namespace

} // namespace switchyard

int main(int argc, char** argv) try {
  using namespace switchyard;
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (!arguments.empty() && (arguments.front() == "db" || arguments.front() == "import")) {
    const auto directory = storage::default_data_directory(environment_or_empty("SWITCHYARD_DATA_DIR"));
    return run_db_command(arguments, environment_or_empty, "sqlite://" + directory + "/switchyard.db");
  }
  auto command_line = config::parse_command_line(argc, argv);
  if (!command_line) {
    std::cerr << command_line.error().message << "\n";
    return 2;
  }
  config::LoadOptions options;
  options.command_line = std::move(*command_line);
  options.environment = shared_environment();
  return run(std::move(options));
} catch (const std::exception& e) {
  std::cerr << "switchyard: " << e.what() << "\n";
  return 1;
}
