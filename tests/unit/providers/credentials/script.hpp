// A token flow played against scripted answers, files and environment, at a fixed time.
#pragma once

#include <switchyard/credentials.hpp>
#include <switchyard/json.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace switchyard::providers::script {

using ::testing::HasSubstr;
using ::testing::Not;

inline std::map<std::string, std::string, std::less<>>& variables() {
  static std::map<std::string, std::string, std::less<>> all;
  return all;
}
inline std::string env(std::string_view name) {
  const auto found = variables().find(name);
  return found == variables().end() ? std::string() : found->second;
}

/// 2026-11-21T00:00:00Z
inline const WallTime k_now = std::chrono::system_clock::from_time_t(1795219200);

struct Reply {
  int status = 200;
  std::string body;
};

struct Played {
  std::vector<std::string>
      asked; ///< "https://host:443 POST /path HTTP/1.1..." with the body, or "file /path"
  Result<Token> token = Error(Errc::none);
};

inline std::string describe_step(const TokenStep& step) {
  if (auto file = std::get_if<TokenFile>(&step)) return "file " + file->path;
  auto& request = std::get<TokenRequest>(step);
  return (request.origin.tls ? "https://" : "http://") + request.origin.host + ":" +
         std::to_string(request.origin.port) + " " + request.head + request.body;
}

/// Answers the steps one after the other; more steps than answers get "status 0".
inline Played play(const TokenPlan& plan, const std::vector<Reply>& replies) {
  Played out;
  auto flow = plan.start();
  auto step = flow->next(k_now, nullptr);
  for (std::size_t i = 0; step && !std::holds_alternative<Token>(*step); ++i) {
    out.asked.push_back(describe_step(*step));
    const Reply reply = i < replies.size() ? replies[i] : Reply{0, "no answer"};
    UpstreamAnswer answer;
    answer.status = reply.status, answer.body = reply.body;
    step = flow->next(k_now, &answer);
  }
  if (step)
    out.token = std::get<Token>(*step);
  else
    out.token = step.error();
  return out;
}

inline std::int64_t life(const Token& token) {
  return std::chrono::duration_cast<std::chrono::seconds>(token.expires - k_now).count();
}

/// litellm_params of one row.
inline LitellmParams params(std::initializer_list<std::pair<std::string, std::string>> texts) {
  LitellmParams out;
  for (auto& text : texts) {
    out.raw.emplace_back(text.first, Value(text.second));
    if (text.first == "azure_ad_token") out.azure_ad_token = Secret(text.second);
  }
  return out;
}

/// Each test begins with an environment of its own.
class Credentials : public ::testing::Test {
 protected:
  Credentials() { variables() = {{"HOME", "/home/me"}}; }
};

} // namespace switchyard::providers::script
