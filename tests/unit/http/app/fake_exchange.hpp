// An exchange without a socket: keeps what the routes write. One per test request.
#pragma once

#include "http/exchange.hpp"
#include "http/shard.hpp"

#include <string>

namespace switchyard::http::testing {

/// What a client would have received.
struct Answer {
  int status = 0, answers = 0;
  std::string headers, body;
  bool finished = false, aborted = false;
};

class FakeExchange final : public Exchange, public Answer {
 public:
  explicit FakeExchange(Shard& s, std::string method, std::string target, std::string body = {})
      : shard_(s), method_(std::move(method)), target_(std::move(target)), body_(std::move(body)) {
    head.method = method_, head.target = target_;
    auto question = head.target.find('?');
    head.path = head.target.substr(0, question);
    if (question != std::string_view::npos) head.query = head.target.substr(question + 1);
    received = shard_.now();
    client_ip = "127.0.0.1";
  }

  void header(std::string name, std::string value) {
    kept_.push_back(std::make_unique<std::pair<std::string, std::string>>(std::move(name), std::move(value)));
    head.headers.add({kept_.back()->first, kept_.back()->second});
  }

  Shard& shard() override { return shard_; }
  Soon<Result<std::string_view>> read_body(std::size_t) override {
    return Result<std::string_view>(std::string_view(body_));
  }
  Soon<bool> respond(int s, std::string_view h, Slices slices) override {
    status = s, headers = std::string(h) + extra_headers, responded = true, ++answers;
    for (auto slice : slices) body += slice;
    return true;
  }
  void start_stream(int s, std::string_view h) override {
    status = s, headers = std::string(h) + extra_headers, responded = true, ++answers;
  }
  Soon<bool> write(Slices slices) override {
    for (auto slice : slices) body += slice;
    return true;
  }
  Soon<bool> finish(bool abort) override {
    finished = true, aborted = abort;
    return true;
  }

 private:
  Shard& shard_;
  std::string method_, target_, body_;
  std::vector<std::unique_ptr<std::pair<std::string, std::string>>> kept_;
};

} // namespace switchyard::http::testing
