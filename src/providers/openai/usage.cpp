// Usage objects of OpenAI and of those who copied it; who spells a count how is the table below. One walk,
// no allocation; a count that is no integer is none. Pure, any thread.
#include "providers/openai/usage.hpp"

#include "providers/openai/answer.hpp"

#include <switchyard/json_scan.hpp>

#include <algorithm>
#include <array>
#include <span>

namespace switchyard::providers {
namespace {

using std::string_view;

enum Slot : std::uint8_t {
  prompt,
  completion,
  total,
  input,
  output,
  cached,
  cached_beside, ///< Anthropic: not counted in input_tokens
  written,
  written_beside,
  written_1h,
  audio_in,
  image_in,
  reasoning,
  audio_out,
  image_out,
  searches,
  seconds,
  tier,
  k_slots
};

struct Name {
  string_view key;
  Slot slot;
  std::span<const Name> inside = {}; ///< not empty: an object of these
};

constexpr Name k_lifetimes[] = {{"ephemeral_1h_input_tokens", written_1h}};
constexpr Name k_prompt_details[] = {
    {"cached_tokens", cached},          {"audio_tokens", audio_in},
    {"image_tokens", image_in},         {"cache_write_tokens", written},
    {"cache_creation_tokens", written}, {"cache_creation_token_details", k_slots, k_lifetimes},
    {"web_search_requests", searches},
};
constexpr Name k_completion_details[] = {
    {"reasoning_tokens", reasoning}, {"audio_tokens", audio_out}, {"image_tokens", image_out}};
constexpr Name k_server_tools[] = {{"web_search_requests", searches}, {"web_search_calls", searches}};
constexpr Name k_usage[] = {
    {"prompt_tokens", prompt},
    {"completion_tokens", completion},
    {"total_tokens", total},
    {"prompt_tokens_details", k_slots, k_prompt_details},
    {"completion_tokens_details", k_slots, k_completion_details},
    {"input_tokens", input},
    {"output_tokens", output},
    {"input_tokens_details", k_slots, k_prompt_details},
    {"output_tokens_details", k_slots, k_completion_details},
    {"input_token_details", k_slots, k_prompt_details}, // transcripts, realtime
    {"output_token_details", k_slots, k_completion_details},
    {"prompt_cache_hit_tokens", cached}, // DeepSeek
    {"num_cached_tokens", cached},       // Mistral
    {"cache_read_input_tokens", cached_beside},
    {"cache_creation_input_tokens", written_beside},
    {"cache_creation", k_slots, k_lifetimes},
    {"server_tool_use", k_slots, k_server_tools},
    {"server_side_tool_usage_details", k_slots, k_server_tools}, // xAI
    {"num_search_queries", searches},                            // Perplexity
    {"seconds", seconds},
    {"service_tier", tier},
};

/// As written; null data = not there.
struct Counts {
  std::array<string_view, k_slots> at;
  bool twice = false; ///< one of the five counts
};

const Name* name_of(string_view key, std::span<const Name> names) {
  auto found = std::find_if(names.begin(), names.end(), [&](auto& name) { return name.key == key; });
  return found == names.end() ? nullptr : &*found;
}

/// Of details that are told under two names the first counts.
void read_counts(JsonSkim& object, std::span<const Name> names, Counts& out) {
  while (object.next()) {
    auto* name = name_of(object.key(), names);
    if (!name) continue;
    if (!name->inside.empty()) {
      if (object.kind() != '{') continue;
      auto inner = object.inside();
      read_counts(inner, name->inside, out);
      object.leave(inner);
      continue;
    }
    auto& place = out.at[name->slot];
    out.twice = out.twice || (place.data() && name->slot <= output);
    if (!place.data() || place == "null") place = object.value();
  }
}

std::uint32_t count(string_view raw) {
  auto value = as_int(raw);
  return value ? static_cast<std::uint32_t>(std::clamp<std::int64_t>(*value, 0, UINT32_MAX)) : 0;
}

std::uint32_t sum(std::uint64_t a, std::uint64_t b, std::uint64_t c = 0) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(a + b + c, UINT32_MAX));
}

std::uint32_t millis(string_view raw) {
  if (raw.size() > 2 && raw.front() == '"') raw = raw.substr(1, raw.size() - 2); // verbose_json of old
  auto value = as_number(raw);
  return value && *value > 0 ? static_cast<std::uint32_t>(std::min(*value * 1000 + 0.5, 4e9)) : 0;
}

/// Parts that are told bigger than the whole are cut to it.
void fill_prompt(const Counts& counts, Usage& out) {
  const auto& at = counts.at;
  out.prompt_tokens = count(at[prompt].data() ? at[prompt] : at[input]);
  const bool beside = !at[prompt].data() && !at[cached].data();
  out.cache_read_tokens = count(at[cached].data() ? at[cached] : at[cached_beside]);
  out.cache_write_tokens = count(at[written].data() ? at[written] : at[written_beside]);
  if (beside && (at[cached_beside].data() || at[written_beside].data()))
    out.prompt_tokens = sum(out.prompt_tokens, out.cache_read_tokens, out.cache_write_tokens);
  out.cache_read_tokens = std::min(out.cache_read_tokens, out.prompt_tokens);
  out.cache_write_tokens = std::min(out.cache_write_tokens, out.prompt_tokens - out.cache_read_tokens);
  out.cache_write_1h_tokens = std::min(count(at[written_1h]), out.cache_write_tokens);
  out.audio_in_tokens = count(at[audio_in]), out.image_in_tokens = count(at[image_in]);
}

void fill(const Counts& counts, Usage& out) {
  const auto& at = counts.at;
  fill_prompt(counts, out);
  out.completion_tokens = count(at[completion].data() ? at[completion] : at[output]);
  out.total_tokens = count(at[total]);
  if (out.total_tokens == 0) out.total_tokens = sum(out.prompt_tokens, out.completion_tokens);
  out.reasoning_tokens = count(at[reasoning]);
  out.audio_out_tokens = count(at[audio_out]), out.image_out_tokens = count(at[image_out]);
  if (at[searches].data()) out.web_searches = count(at[searches]);
  if (at[seconds].data()) out.audio_ms = millis(at[seconds]);
  if (at[tier].data() && at[tier] != "null") out.tier = tier_of(at[tier]);
  out.present = true;
}

void read_usage(JsonSkim& member, Usage& out) {
  Counts counts;
  auto usage = member.inside();
  read_counts(usage, k_usage, counts);
  member.leave(usage);
  if (!counts.twice && usage.complete()) fill(counts, out);
}

/// The quote that ends the string which begins at `at`; npos when none does.
std::size_t closing_quote(string_view text, std::size_t at) {
  for (at = text.find('"', at + 1); at != text.npos; at = text.find('"', at + 1)) {
    const auto slashes = at - 1 - text.find_last_not_of('\\', at - 1);
    if (slashes % 2 == 0) return at;
  }
  return text.npos;
}

/// Elements of an array of objects, by leaps over its strings: images are megabytes of base64.
std::uint32_t count_objects(string_view array) {
  std::uint32_t found = 0, depth = 0;
  for (std::size_t at = 0; at < array.size(); ++at) {
    if (array[at] == '"') {
      at = closing_quote(array, at);
      if (at == array.npos) break;
    } else if (array[at] == '{') {
      found += depth++ == 0;
    } else if (array[at] == '}' && depth > 0) {
      --depth;
    }
  }
  return found;
}

std::uint32_t search_units(string_view meta) {
  if (!meta.starts_with('{')) return 0;
  JsonSkim skim(meta);
  while (skim.next()) {
    if (!is_key(skim.key(), "billed_units") || skim.kind() != '{') continue;
    auto units = skim.inside();
    while (units.next())
      if (is_key(units.key(), "search_units")) return count(units.value());
    return 0;
  }
  return 0;
}

std::uint32_t web_searches(string_view output) {
  std::uint32_t found = 0;
  if (output.find("\"web_search_call\"") == output.npos) return 0;
  string_view item;
  for (std::size_t at = 0; next_element(output, at, item);) found += is_web_search(item);
  return found;
}

} // namespace

string_view take_usage(JsonSkim& member, Usage& out) {
  if (member.kind() != '{') return member.value();
  read_usage(member, out);
  return "{";
}

ServiceTier tier_of(string_view raw) noexcept {
  if (raw == "\"flex\"") return ServiceTier::flex;
  if (raw == "\"priority\"" || raw == "\"fast\"") return ServiceTier::priority;
  return raw == "\"batch\"" ? ServiceTier::batch : ServiceTier::standard;
}

// Opening a page that was found is no search.
bool is_web_search(string_view item) {
  if (!item.starts_with('{')) return false;
  JsonSkim skim(item);
  bool call = false, search = true;
  while (skim.next()) {
    if (is_key(skim.key(), "type")) {
      call = skim.value() == "\"web_search_call\"";
    } else if (is_key(skim.key(), "action") && skim.kind() == '{') {
      auto action = skim.inside();
      while (action.next())
        if (is_key(action.key(), "type")) search = action.value() == "\"search\"";
      skim.leave(action);
    }
  }
  return call && search && skim.complete();
}

void read_units(Endpoint endpoint, const Members& members, Usage& out) {
  switch (endpoint) {
  case Endpoint::images_generations:
  case Endpoint::images_edits:
  case Endpoint::images_variations:
    out.images = count_objects(members.data);
    break;
  case Endpoint::transcriptions:
  case Endpoint::translations:
    if (out.audio_ms == 0) out.audio_ms = millis(members.duration);
    break;
  case Endpoint::rerank:
    out.search_units = search_units(members.meta);
    break;
  case Endpoint::responses:
    if (out.web_searches == 0) out.web_searches = web_searches(members.output);
    break;
  default:
    break;
  }
}

} // namespace switchyard::providers
