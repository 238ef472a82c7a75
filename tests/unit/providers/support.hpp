// Makes targets and calls for the provider tests: params as text, an injected environment. Tests only.
#pragma once

#include <switchyard/provider.hpp>

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace switchyard::providers::test {

/// The environment of the test that runs; cleared by every Case.
inline std::map<std::string, std::string, std::less<>> environment;
inline std::string lookup(std::string_view name) {
  auto at = environment.find(name);
  return at == environment.end() ? std::string{} : at->second;
}

inline LitellmParams params_of(std::string model, std::string key = "sk-test") {
  environment.clear();
  LitellmParams params;
  params.model = std::move(model);
  params.api_key = Secret(std::move(key));
  return params;
}

/// One prepared deployment and a call on it. Keep it where it was made: the call points into it.
struct Case {
  LitellmParams params;
  Prepared ready;
  std::string body;
  ObjectScan scan;
  Call call;
  Wire wire;

  explicit Case(LitellmParams p) : params(std::move(p)) {
    auto prepared = prepare(params, params.model, lookup);
    EXPECT_TRUE(prepared.has_value()) << (prepared ? "" : prepared.error().message);
    if (prepared) ready = *prepared, call.model = ready.target->model;
  }
  explicit Case(std::string model) : Case(params_of(std::move(model))) {}
  Case(const Case&) = delete;

  void send(std::string json) {
    body = std::move(json);
    auto scanned = scan_object(body, scan);
    ASSERT_TRUE(scanned.has_value()) << scanned.error().message;
    call.json = &scan;
    call.body = body;
  }
  Result<void> encode() { return ready.provider->encode(*ready.target, call, wire); }
  /// The upstream body for a client body; the error's message when it is refused.
  std::string encoded(std::string json) {
    send(std::move(json));
    auto done = encode();
    return done ? joined(wire.body) : done.error().message;
  }
  static std::string joined(const TextSlices& pieces) {
    std::string out;
    for (auto piece : pieces) out += piece;
    return out;
  }
  Error error(int status, std::string_view text, std::string_view headers = {}) {
    return ready.provider->map_error(*ready.target,
                                     UpstreamAnswer{status, "application/json", headers, text});
  }
  LocalAnswer local(std::string_view client_model = "m") {
    return ready.provider->local_answer(*ready.target, call, client_model, "id1", 1700000000);
  }
};

} // namespace switchyard::providers::test
