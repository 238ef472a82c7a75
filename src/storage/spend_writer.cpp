// The spend writer's thread: steps of the pump, four times a second or when somebody asks for a flush.
#include "storage/spend_pump.hpp"

#include <switchyard/log.hpp>

#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <sys/stat.h>
#include <thread>

namespace switchyard::storage {
namespace {

constexpr Millis k_step{250};

class Writer final : public SpendWriter {
 public:
  Writer(Store& store, PumpOptions options, const PlaneSettings& settings, const Clock& clock,
         SpendWriterHooks hooks)
      : pump_(store, std::move(options), settings, clock, std::move(hooks)) {}
  ~Writer() override { stop(); }

  std::unique_ptr<Journal> open_journal(std::size_t) override {
    auto journal = pump_.open_journal();
    if (!journal) throw std::runtime_error(journal.error().message);
    return shard_side(std::move(*journal));
  }

  void start() override {
    pump_.start();
    thread_ = std::thread([this] { run(); });
  }

  bool flush() override {
    std::unique_lock lock(mutex_);
    if (!thread_.joinable() || stopping_) return false;
    const std::uint64_t mine = ++asked_;
    changed_.notify_all();
    answered_.wait(lock, [&] { return done_ >= mine || ended_; });
    return good_ && done_ >= mine;
  }

  std::uint64_t committed() const override { return pump_.committed(); }
  SpendStats stats() const override { return pump_.stats(); }

  void stop() override {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
      const std::uint64_t asked = asked_;
      const bool flush = asked > done_;
      lock.unlock();
      bool good = true;
      if (flush) good = pump_.write_all();
      pump_.step();
      lock.lock();
      if (flush) done_ = asked, good_ = good, answered_.notify_all();
      changed_.wait_for(lock, k_step, [this] { return stopping_ || asked_ > done_; });
    }
    lock.unlock();
    pump_.finish();
    lock.lock();
    ended_ = true;
    answered_.notify_all();
  }

  SpendPump pump_;
  std::mutex mutex_;
  std::condition_variable changed_, answered_;
  std::uint64_t asked_ = 0, done_ = 0;
  bool good_ = false, stopping_ = false, ended_ = false;
  std::thread thread_;
};

} // namespace

Result<std::unique_ptr<SpendWriter>> SpendWriter::create(Store& store, const DataDirectory& directory,
                                                         const PlaneSettings& settings, const Clock& clock,
                                                         SpendWriterHooks hooks) {
  PumpOptions options;
  options.directory = directory.path() + "/journals";
  if (::mkdir(options.directory.c_str(), 0700) != 0 && errno != EEXIST)
    return Error(Errc::config, options.directory + ": " + std::strerror(errno));
  return Result<std::unique_ptr<SpendWriter>>(
      std::make_unique<Writer>(store, std::move(options), settings, clock, std::move(hooks)));
}

} // namespace switchyard::storage
