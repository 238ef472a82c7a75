// Reads what Gemini's answers say that they used. Pure, any thread.
#include "providers/google/answer.hpp"

#include <switchyard/json.hpp>

#include <algorithm>
#include <array>

namespace switchyard::providers::google {
namespace {

using std::string_view;

/// Tokens of one modality in a list of {"modality","tokenCount"}.
std::uint32_t tokens_of(const Value& meta, string_view list, string_view modality) noexcept {
  std::uint32_t sum = 0;
  for (auto& detail : list_at(meta, list))
    if (text_at(detail, "modality") == modality) {
      const auto count = count_at(detail, "tokenCount");
      sum = count > UINT32_MAX - sum ? UINT32_MAX : sum + count;
    }
  return sum;
}

std::uint32_t less(std::uint32_t from, std::uint32_t what) noexcept { return from - std::min(from, what); }

/// AI Studio says serviceTier, Vertex trafficType.
ServiceTier tier_of(const Value& meta) noexcept {
  struct Word {
    string_view text;
    ServiceTier tier;
  };
  static constexpr std::array k_words{
      Word{"flex", ServiceTier::flex},           Word{"FLEX", ServiceTier::flex},
      Word{"ON_DEMAND_FLEX", ServiceTier::flex}, Word{"priority", ServiceTier::priority},
      Word{"PRIORITY", ServiceTier::priority},   Word{"ON_DEMAND_PRIORITY", ServiceTier::priority}};
  for (auto key : {"serviceTier", "trafficType"})
    for (auto& word : k_words)
      if (text_at(meta, key) == word.text) return word.tier;
  return ServiceTier::standard;
}

} // namespace

std::uint32_t count_at(const Value& object, string_view key) noexcept {
  double number = 0;
  auto found = object.find(key);
  if (!found || !found->number(number) || !(number > 0)) return 0;
  return number >= 4294967295.0 ? UINT32_MAX : static_cast<std::uint32_t>(number);
}

void read_usage(const Value& answer, Usage& usage) {
  auto meta = answer.find("usageMetadata");
  if (!meta || !meta->find("promptTokenCount")) return;
  const auto prompt = count_at(*meta, "promptTokenCount"), tools = count_at(*meta, "toolUsePromptTokenCount");
  const auto said = count_at(*meta, "candidatesTokenCount"), thoughts = count_at(*meta, "thoughtsTokenCount");
  const auto total = count_at(*meta, "totalTokenCount");
  const auto sum = [](std::uint32_t a, std::uint32_t b) { return a > UINT32_MAX - b ? UINT32_MAX : a + b; };
  // What tools brought in is paid as input. Some models count their thoughts among the candidates' tokens
  // already.
  usage.prompt_tokens = sum(prompt, tools);
  const bool counted = total != 0 && total == sum(usage.prompt_tokens, said);
  usage.completion_tokens = counted ? said : sum(said, thoughts);
  usage.total_tokens = total;
  usage.reasoning_tokens = thoughts;
  usage.cache_read_tokens = count_at(*meta, "cachedContentTokenCount");
  usage.audio_in_tokens =
      less(tokens_of(*meta, "promptTokensDetails", "AUDIO"), tokens_of(*meta, "cacheTokensDetails", "AUDIO"));
  usage.image_in_tokens =
      less(tokens_of(*meta, "promptTokensDetails", "IMAGE"), tokens_of(*meta, "cacheTokensDetails", "IMAGE"));
  usage.audio_out_tokens = tokens_of(*meta, "candidatesTokensDetails", "AUDIO");
  usage.image_out_tokens = tokens_of(*meta, "candidatesTokensDetails", "IMAGE");
  usage.tier = tier_of(*meta);
  complete(usage);
}

std::uint32_t searches_of(const Value& candidate) noexcept {
  auto grounding = candidate.find("groundingMetadata");
  if (!grounding) return 0;
  return static_cast<std::uint32_t>(list_at(*grounding, "webSearchQueries").size());
}

bool is_blocked(const Value& answer) noexcept {
  auto feedback = answer.find("promptFeedback");
  return feedback && !text_at(*feedback, "blockReason").empty();
}

} // namespace switchyard::providers::google
