// What latency-based-routing remembers about a row: its newest samples, published as means. Part of the
// deployment actor; keeps nothing when the strategy does not ask for it.
#pragma once

#include <switchyard/graph.hpp>

#include <cstddef>
#include <vector>

namespace switchyard::actors {

struct LatencyRule {
  std::size_t samples = 0; ///< max_latency_list_size; 0 = the strategy is another one
  Millis ttl{3600 * 1000};
};

class LatencyList {
 public:
  void succeeded(DeploymentView& view, const LatencyRule& rule, const Outcome& outcome);
  /// A time-out counts as 1000 s, as in LiteLLM; other failures are the cooldown's business.
  void failed(DeploymentView& view, const LatencyRule& rule, const Outcome& outcome);

 private:
  struct Samples {
    std::vector<float> ring;
    std::size_t next = 0;
    void push(float seconds, std::size_t most);
    float mean() const; ///< -1 when empty
  };
  void forget_old(const DeploymentView& view, Instant now);
  void publish(DeploymentView& view, const LatencyRule& rule, Instant now) const;

  Samples whole_, first_token_;
};

} // namespace switchyard::actors
