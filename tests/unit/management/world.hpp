// An empty store, a configuration and calls by hand: what tests of management handlers stand on. The store is
// SQLite in memory, or Postgres with SWITCHYARD_TEST_BACKEND=postgres (ctest runs both).
#pragma once

#include "management/rows.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace switchyard::management {

inline Value json(std::string_view text) {
  auto value = parse_json(text);
  EXPECT_TRUE(value) << text;
  return value ? *value : Value();
}

std::unique_ptr<storage::Store> empty_store();

/// One database and who calls it. Each test makes its own.
class World {
 public:
  World() : store_(empty_store()) {
    auto session = store_->open();
    EXPECT_TRUE(session) << session.error().message;
    session_ = std::move(*session);
    config.general.master_key = Secret("sk-master");
    as_master();
  }
  ~World() {
    session_.reset();
    store_->close();
  }

  storage::Session& session() { return *session_; }
  /// Runs the route of the path, as the edge would choose it.
  Reply run(std::string_view method, std::string_view target, std::string_view body = {}) {
    auto copy = std::make_shared<Config>(config);
    copy->plane = std::make_shared<PlaneSettings>(plane);
    Call call;
    call.method = method;
    call.path = target.substr(0, target.find('?'));
    if (call.path.size() < target.size()) call.query = target.substr(call.path.size() + 1);
    call.body = body;
    call.caller = caller;
    call.changed_by = changed_by;
    call.now = now;
    call.config = copy;
    call.live = live;
    auto* route = find(call);
    EXPECT_TRUE(route) << "no route for " << call.path;
    return route ? management::run(*route, *session_, call) : Reply();
  }
  /// The answer's body; the status must be as expected.
  Value answer(std::string_view method, std::string_view target, std::string_view body = {},
               int status = 200) {
    last = run(method, target, body);
    EXPECT_EQ(last.status, status) << target << " " << body << "\n" << last.body;
    return json(last.body);
  }
  Value post(std::string_view target, std::string_view body, int status = 200) {
    return answer("POST", target, body, status);
  }
  Value get(std::string_view target, int status = 200) { return answer("GET", target, {}, status); }
  /// The refusal's message; the status must be as expected.
  std::string refusal(std::string_view target, std::string_view body, int status,
                      std::string_view method = "POST") {
    const auto answered = answer(method, target, body, status);
    auto* error = answered.find("error");
    return error ? std::string(text_at(*error, "message")) : to_json(answered);
  }
  Rows rows(std::string_view table, std::vector<Condition> where = {}) {
    auto found = session_->select(Select{std::string(table), std::move(where)});
    EXPECT_TRUE(found) << found.error().message;
    return found ? *found : Rows();
  }
  void insert(std::string_view table, std::string_view row) {
    auto made = session_->insert(table, *json(row).as_map());
    EXPECT_TRUE(made) << made.error().message;
  }

  void as_master() {
    caller = Caller();
    caller.is_master = true;
    caller.role = "proxy_admin";
    caller.user_id = "default_user_id";
    caller.key_hash = "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b";
  }
  void as_user(std::string_view id, std::string_view role = "internal_user") {
    caller = Caller();
    caller.role = role;
    caller.user_id = id;
    caller.key_hash = "hash-of-" + std::string(id);
  }

  Config config;
  PlaneSettings plane;
  Caller caller;
  std::string changed_by;
  Live live;
  WallTime now = *storage::read_time("2026-05-02T10:20:30.454000Z");
  Reply last;

 private:
  static const Route* find(Call& call) {
    for (auto& route : all_routes())
      if (route.path == call.path) return &route;
    for (auto& route : all_routes()) {
      const auto hole = route.path.find("{m}");
      if (hole == std::string_view::npos) continue;
      const auto before = route.path.substr(0, hole), after = route.path.substr(hole + 3);
      const std::string_view path = call.path;
      if (path.size() <= before.size() + after.size() || !path.starts_with(before) || !path.ends_with(after))
        continue;
      call.argument = path.substr(before.size(), path.size() - before.size() - after.size());
      if (call.argument.find('/') == std::string::npos) return &route;
    }
    return nullptr;
  }
  std::unique_ptr<storage::Store> store_;
  std::unique_ptr<storage::Session> session_;
};

/// The JSON with what differs from run to run masked: keys, hashes, ids, sorted members.
std::string masked(const Value& value);

inline Value sorted(const Value& value) {
  if (auto* list = value.as_list()) {
    ValueList out;
    for (auto& part : *list) out.push_back(sorted(part));
    return Value(std::move(out));
  }
  auto* map = value.as_map();
  if (!map) return value;
  ValueMap out;
  for (auto& member : *map) out.emplace_back(member.first, sorted(member.second));
  std::sort(out.begin(), out.end(), [](auto& a, auto& b) { return a.first < b.first; });
  return Value(std::move(out));
}

/// Equal as JSON: members in any order, ids masked.
inline void expect_json(const Value& got, std::string_view expected) {
  EXPECT_EQ(masked(sorted(got)), masked(sorted(json(expected))));
}

} // namespace switchyard::management
