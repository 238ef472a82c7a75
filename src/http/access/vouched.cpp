// Answers that may be kept, and for how long. Shard code; the lives are pure.
#include "http/access/vouched.hpp"

#include <switchyard/ascii.hpp>

#include <algorithm>
#include <charconv>

namespace switchyard::http::access {

namespace {
constexpr std::size_t k_most = 4096;
}

std::shared_ptr<const Value> Vouched::find(std::string_view question, Instant now) const {
  const auto it = kept_.find(question);
  return it == kept_.end() || it->second.until <= now ? nullptr : it->second.answer;
}

void Vouched::keep(std::string question, std::shared_ptr<const Value> answer, Instant until) {
  if (kept_.size() >= k_most) kept_.clear();
  kept_.insert_or_assign(std::move(question), Kept{std::move(answer), until});
}

std::optional<double> max_age_of(std::string_view cache_control) {
  std::optional<double> out;
  while (!cache_control.empty()) {
    const auto part = cache_control.substr(0, cache_control.find(','));
    cache_control.remove_prefix(std::min(cache_control.size(), part.size() + 1));
    const auto word = lower_case(std::string(trim(part)));
    if (word == "no-store" || word == "no-cache") return std::nullopt;
    constexpr std::string_view k_name = "max-age=";
    std::uint32_t seconds = 0;
    if (!word.starts_with(k_name)) continue;
    const char* end = word.data() + word.size();
    const auto [at, problem] = std::from_chars(word.data() + k_name.size(), end, seconds);
    if (problem == std::errc() && at == end) out = seconds;
  }
  return out;
}

double life_of(const Fetched& answer, const Value& info, WallTime now, double most) {
  const auto max_age = max_age_of(answer.cache_control);
  double life = max_age ? std::min<double>(*max_age, most) : 0, ends = 0;
  if (const auto* exp = info.find("exp"); exp && exp->number(ends)) {
    const std::chrono::duration<double> since = now.time_since_epoch();
    const bool unsaid = answer.cache_control.empty();
    life = std::min(unsaid ? most : life, ends - since.count());
  }
  return std::max(life, 0.0);
}

} // namespace switchyard::http::access
