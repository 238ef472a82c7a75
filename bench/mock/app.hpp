// The mock without its sockets: a request in, a plan out. Holds scripts, rate windows and statistics; one
// thread.
#pragma once

#include "plan.hpp"
#include "stats.hpp"

#include <deque>
#include <map>
#include <optional>

namespace switchyard::mock {

struct AppOptions {
  std::uint32_t delay_us = 0; ///< added to every reply
  std::size_t record = 0;     ///< how many received requests /__mock/requests remembers
};

class App {
 public:
  explicit App(AppOptions options) : options_(options) {}

  Stats stats;

  /// Control requests (/__mock/...) are not counted and leave `visit` empty.
  Plan answer(const Request& request, Instant now, Visit& visit);

 private:
  struct ScriptLine {
    std::optional<std::string> model; ///< absent = any
    Behaviour patch;                  ///< body and headers of a scripted answer
    std::string words;
    std::uint64_t times = 1;
  };
  struct Window {
    std::int64_t minute = -1;
    std::uint64_t tokens = 0, requests = 0;
  };

  Reply control(const Request& request);
  Reply load_script(const Request& request);
  static bool read_line(simdjson::dom::object object, ScriptLine& out);
  void apply_script(Call& call);
  std::optional<Reply> over_limit(const Call& call, Instant now);
  void record(const Call& call);

  AppOptions options_;
  simdjson::dom::parser parser_;
  std::deque<ScriptLine> script_;
  std::map<std::string, Window, std::less<>> windows_;
  std::deque<std::string> recorded_;
  std::uint64_t number_ = 0;
};

} // namespace switchyard::mock
