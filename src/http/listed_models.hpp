// What the rows of patterns ("openai/*") stand for, as their providers tell by GET /models
// (litellm_settings.check_provider_endpoint). Lives on a shard; answers are remembered for a while.
#pragma once

#include "http/cancel.hpp"
#include "http/shard.hpp"

#include <switchyard/provider.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::http {

/// Ids in a provider's list: OpenAI's {"data":[{"id"}]} or Google's {"models":[{"name":"models/..."}]}.
std::vector<std::string> read_model_list(std::string_view body);
/// The name by which a client calls `id`: "openai/gpt-4o" of pattern "openai/*", model "*", id "gpt-4o". ""
/// when the row does not serve it, or has not exactly one star on either side.
std::string client_name(std::string_view pattern, std::string_view upstream_pattern, std::string_view id);

class ListedModels {
 public:
  /// Names that the patterns of `routing` stand for, in the order of the rows; what cannot be told is left
  /// out, with a log line.
  aw<std::vector<std::string>> names(Shard& shard, Shard& tokens_home, RoutingPtr routing,
                                     CancelScope& cancel);

 private:
  struct Known {
    Instant until{};
    std::vector<std::string> ids;
  };
  aw<Result<std::vector<std::string>>> ask(Shard& shard, Shard& tokens_home, const providers::Target& target,
                                           CancelScope& cancel);
  std::map<std::string, Known, std::less<>> rows_; ///< by deployment id
};

} // namespace switchyard::http
