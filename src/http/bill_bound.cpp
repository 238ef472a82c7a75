// Bounds of a request, so that hard budgets hold before anything is known about its answer. Pure.
#include "http/bill_bound.hpp"

#include "http/route_facts.hpp"

#include <algorithm>
#include <charconv>

namespace switchyard::http {

namespace {

/// For models whose longest answer nobody told us.
constexpr std::uint32_t k_unknown_output = 32 * 1024;
/// Compressed speech has at least this many bytes per second.
constexpr std::uint64_t k_least_audio_rate = 1000;

std::uint32_t cut(std::uint64_t value) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(value, UINT32_MAX));
}

/// A small positive number of the body, else 1.
std::uint32_t count_at(const LlmRequest& request, std::string_view name) {
  auto* field = request.json ? request.scan.find(name) : nullptr;
  if (!field) return 1;
  const auto raw = request.scan.raw(*field);
  std::uint32_t value = 0;
  auto [end, problem] = std::from_chars(raw.data(), raw.data() + raw.size(), value);
  return problem == std::errc() && end == raw.data() + raw.size() && value > 0 ? value : 1;
}

/// The longest answer of any row.
std::uint32_t longest_output(const Group& group) {
  std::uint32_t longest = 0;
  for (auto& row : group.deployments) {
    if (!row->price) return k_unknown_output;
    const auto most = row->price->max_output_tokens ? row->price->max_output_tokens : row->price->max_tokens;
    longest = std::max(longest, most ? most : k_unknown_output);
  }
  return longest ? longest : k_unknown_output;
}

bool makes_text(Endpoint endpoint) {
  return endpoint == k_session_endpoint || endpoint == Endpoint::chat || endpoint == Endpoint::completions ||
         endpoint == Endpoint::responses || endpoint == Endpoint::messages ||
         endpoint == Endpoint::generate_content;
}

bool makes_images(Endpoint endpoint) {
  return endpoint == Endpoint::images_generations || endpoint == Endpoint::images_edits ||
         endpoint == Endpoint::images_variations;
}

/// Of a JSON string.
std::uint32_t count_characters(std::string_view raw) {
  const auto text = unescape(raw);
  if (!text) return cut(raw.size());
  return cut(static_cast<std::uint64_t>(std::count_if(
      text->begin(), text->end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; })));
}

} // namespace

std::string_view output_limit_field(const LlmRequest& request) {
  if (request.endpoint == Endpoint::responses) return "max_output_tokens";
  return request.scan.find("max_completion_tokens") ? "max_completion_tokens" : "max_tokens";
}

Bound bound_of(const LlmRequest& request, const Group& group, std::size_t body_bytes) {
  Bound bound;
  auto& units = bound.units;
  const auto endpoint = request.endpoint;
  if (endpoint == Endpoint::transcriptions || endpoint == Endpoint::translations) {
    units.audio_ms = cut(body_bytes * 1000 / k_least_audio_rate);
    units.completion_tokens = longest_output(group);
    units.prompt_tokens = cut(body_bytes);
    return bound;
  }
  units.prompt_tokens = cut(body_bytes);
  if (endpoint == Endpoint::speech) units.characters = cut(body_bytes);
  if (endpoint == Endpoint::rerank) units.search_units = cut(body_bytes / 1000 + 1);
  if (makes_images(endpoint)) {
    units.images = count_at(request, "n");
    units.completion_tokens = units.image_out_tokens = longest_output(group);
  }
  if (!makes_text(endpoint)) return bound;
  const auto given = output_tokens(request);
  bound.output_known = given > 0;
  const auto each = given ? given : longest_output(group);
  const auto best_of = endpoint == Endpoint::completions ? count_at(request, "best_of") : 1;
  units.completion_tokens = cut(std::uint64_t{each} * std::max(count_at(request, "n"), best_of));
  return bound;
}

void complete_usage(const LlmRequest& request, std::uint32_t output_tokens, Usage& usage) {
  if (makes_images(request.endpoint) && usage.images == 0) usage.images = count_at(request, "n");
  if (request.endpoint == Endpoint::speech && usage.characters == 0)
    if (auto* input = request.scan.find("input"))
      usage.characters = count_characters(request.scan.raw(*input));
  if (usage.present || request.endpoint == Endpoint::speech || request.endpoint == Endpoint::rerank) return;
  usage.prompt_tokens = prompt_tokens(request);
  usage.completion_tokens = makes_text(request.endpoint) ? output_tokens : 0;
  usage.total_tokens = usage.prompt_tokens + usage.completion_tokens;
}

WorstCase worst_case_of(const Group& group, const Bound& bound) {
  WorstCase worst;
  worst.free = !group.deployments.empty();
  for (auto& row : group.deployments) {
    if (!row->price) {
      worst.free = false;
      continue;
    }
    worst.free = worst.free && row->price->free();
    auto& units = bound.units;
    const auto cost =
        worst_case(*row->price, units.prompt_tokens, units.completion_tokens, row->adjust, units);
    if (cost.total > worst.total) worst.total = cost.total, worst.input = cost.input;
  }
  return worst;
}

} // namespace switchyard::http
