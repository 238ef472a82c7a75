// Running chains of steps.
#include "providers/credentials/steps.hpp"

#include "providers/credentials/digest.hpp"

namespace switchyard::providers {

namespace {

Error broken_off() { return Error(Errc::internal_server, "a token flow was asked to go on after its end"); }

class Flow final : public TokenFlow {
 public:
  explicit Flow(Step first) : then_(std::move(first)) {}

  Result<TokenStep> next(WallTime now, const UpstreamAnswer* answer) override {
    static const UpstreamAnswer nothing;
    if (!then_) return broken_off();
    const auto step = std::exchange(then_, nullptr);
    auto next = step(now, answer ? *answer : nothing);
    if (!next) {
      auto error = next.error();
      if (error.code == Errc::not_found) error.code = Errc::authentication;
      return error;
    }
    then_ = std::move(next->then);
    return std::move(next->step);
  }

 private:
  Step then_;
};

class Plan final : public TokenPlan {
 public:
  explicit Plan(Step first) : first_(std::move(first)) {}
  std::unique_ptr<TokenFlow> start() const override { return std::make_unique<Flow>(first_); }

 private:
  Step first_;
};

} // namespace

Step always(Token token) {
  return [token](WallTime, const UpstreamAnswer&) { return done(token); };
}

Step and_then(Step source, UseToken use) {
  return [source, use](WallTime now, const UpstreamAnswer& answer) -> Result<Next> {
    auto next = source(now, answer);
    if (!next) return next;
    if (auto token = std::get_if<Token>(&next->step)) return use(now, *token);
    return Next{std::move(next->step), and_then(std::move(next->then), use)};
  };
}

Step or_else(Step source, Step other) {
  return [source, other](WallTime now, const UpstreamAnswer& answer) -> Result<Next> {
    auto next = source(now, answer);
    if (!next) return next.error().code == Errc::not_found ? other(now, UpstreamAnswer{}) : next;
    if (!next->then) return next;
    return Next{std::move(next->step), or_else(std::move(next->then), other)};
  };
}

std::shared_ptr<const TokenPlan> make_plan(std::initializer_list<std::string_view> parts, Step first) {
  std::string all;
  for (auto part : parts) all += std::to_string(part.size()) + ":", all += part;
  auto plan = std::make_shared<Plan>(std::move(first));
  plan->id = to_hex(sha256(all));
  return plan;
}

} // namespace switchyard::providers
