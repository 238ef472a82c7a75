// Facts for the choice of a row. Pure.
#include "http/route_facts.hpp"

#include "http/header_text.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <cstring>
#include <functional>

namespace switchyard::http {

namespace {

/// LiteLLM's count for an image of unknown size.
constexpr std::uint32_t k_media_tokens = 250;
constexpr std::size_t k_longest_prefix = 4096;
/// A string longer than this without a space or an escape is no text: base64.
constexpr std::size_t k_longest_word = 1024;
constexpr std::size_t k_most_tags = 128, k_longest_tag = 256;

std::string_view raw_of(const LlmRequest& request, std::string_view key) {
  auto* field = request.json ? request.scan.find(key) : nullptr;
  return field ? request.scan.raw(*field) : std::string_view{};
}

Error bad_tags(std::string_view field) {
  Error error(Errc::invalid_request,
              std::string(field) + ": must be a list of at most 128 strings of at most 256 bytes");
  error.extra().param = field;
  return error;
}

/// A member of an object's text; empty when it has none.
std::string_view member_of(std::string_view object, std::string_view key) {
  ObjectScan scan;
  if (!object.starts_with('{') || !scan_object(object, scan)) return {};
  auto* found = scan.find(key);
  // The text outlives the scan: it is the request's body.
  return found && found->kind != JsonKind::null ? scan.raw(*found) : std::string_view{};
}

std::string_view tags_in(std::string_view object) { return member_of(object, "tags"); }

Result<void> add_tags(std::string_view array, std::string_view field, std::vector<std::string>& out) {
  if (array.empty() || array == "null") return {};
  if (!array.starts_with('[')) return bad_tags(field);
  std::string_view element;
  for (std::size_t at = 0; next_element(array, at, element);) {
    auto tag = element.starts_with('"') ? unescape(element) : Result<std::string>(bad_tags(field));
    if (!tag || tag->size() > k_longest_tag || out.size() >= k_most_tags) return bad_tags(field);
    out.push_back(std::move(*tag));
  }
  return {};
}

void add_header_tags(std::string_view list, std::vector<std::string>& out) {
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    if (auto tag = trim(list.substr(0, comma)); !tag.empty() && out.size() < k_most_tags)
      out.emplace_back(tag);
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
}

bool is_session_name(std::string_view name) {
  constexpr std::string_view k_end = "-session-id";
  return name.size() > k_end.size() + 2 && starts_with_text(name, "x-") &&
         same_text(name.substr(name.size() - k_end.size()), k_end);
}

bool is_safe(std::string_view value) {
  return value.size() >= 8 && std::all_of(value.begin(), value.end(), [](unsigned char c) {
           return std::isalnum(c) || c == '-' || c == '_' || c == '.' || c == ':';
         });
}

/// Of an image or sound that begins here: up to the closing quote. 0 = it is text.
std::size_t media_length(std::string_view rest) noexcept {
  if (rest.size() <= k_longest_word) return 0;
  std::size_t end = 0;
  while (end < rest.size() && rest[end] != '"' && rest[end] != ' ' && rest[end] != '\\') ++end;
  return end < rest.size() && rest[end] == '"' && end > k_longest_word ? end : 0;
}

struct TextBytes {
  std::uint64_t ascii = 0, leads = 0; ///< leads: first bytes of longer sequences
};

/// Eight bytes at a time: this reads every prompt.
void count_bytes(std::string_view text, TextBytes& out) noexcept {
  constexpr std::uint64_t k_high = 0x8080808080808080u;
  std::size_t at = 0, others = 0;
  for (std::uint64_t word = 0; text.size() - at >= sizeof word; at += sizeof word) {
    std::memcpy(&word, text.data() + at, sizeof word);
    if ((word & k_high) == 0) continue;
    others += static_cast<std::size_t>(std::popcount(word & k_high));
    out.leads += static_cast<std::uint64_t>(std::popcount(word & (word << 1) & k_high)); // 11......
  }
  for (std::size_t i = at; i < text.size(); ++i) {
    others += static_cast<unsigned char>(text[i]) >= 0x80;
    out.leads += static_cast<unsigned char>(text[i]) >= 0xC0;
  }
  out.ascii += text.size() - others;
}

std::string_view first_message(std::string_view messages) {
  std::string_view element;
  std::size_t at = 0;
  return next_element(messages, at, element) ? element : messages;
}

} // namespace

std::uint32_t estimate_tokens(std::string_view text) noexcept {
  TextBytes bytes;
  std::uint64_t media = 0;
  std::size_t from = 0; // what is not counted yet
  for (auto quote = text.find('"'); quote < text.size() && text.size() - quote > k_longest_word;
       quote = text.find('"', quote + 1)) {
    const auto length = media_length(text.substr(quote + 1));
    if (length == 0) continue;
    count_bytes(text.substr(from, quote + 1 - from), bytes);
    ++media, quote += length, from = quote + 1;
  }
  count_bytes(text.substr(from), bytes);
  return static_cast<std::uint32_t>(
      std::min<std::uint64_t>((bytes.ascii + 3) / 4 + bytes.leads + media * k_media_tokens, UINT32_MAX));
}

std::uint32_t prompt_tokens(const LlmRequest& request) noexcept {
  std::uint64_t sum = 0;
  for (std::string_view key : {"messages", "prompt", "input", "instructions", "tools", "query", "documents",
                               "system", "contents", "systemInstruction"})
    sum += estimate_tokens(raw_of(request, key));
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(sum, UINT32_MAX));
}

std::uint32_t output_tokens(const LlmRequest& request) noexcept {
  for (std::string_view key : {"max_completion_tokens", "max_tokens", "max_output_tokens"})
    if (auto number = as_int(raw_of(request, key)); number && *number > 0)
      return static_cast<std::uint32_t>(std::min<std::int64_t>(*number, UINT32_MAX));
  return 0;
}

bool has_response_format(const LlmRequest& request) noexcept {
  if (request.endpoint != Endpoint::chat) return false; // images have another parameter of that name
  const auto format = raw_of(request, "response_format");
  return !format.empty() && format != "null" && raw_of(request, "drop_params") != "true";
}

std::uint64_t prefix_hash(const LlmRequest& request) noexcept {
  auto text = first_message(raw_of(request, "messages"));
  for (std::string_view key : {"instructions", "prompt", "input"})
    if (text.empty()) text = raw_of(request, key);
  const std::hash<std::string_view> hash;
  const auto tools = hash(raw_of(request, "tools").substr(0, k_longest_prefix));
  const auto mixed = hash(text.substr(0, k_longest_prefix)) ^ (tools * 0x9E3779B97F4A7C15ull);
  return mixed != 0 ? mixed : 1;
}

namespace {

/// Providers keep no shorter prompt.
constexpr std::uint64_t k_least_cached = 1024;

/// What a marked prompt begins with, block by block.
class MarkedPrefix {
 public:
  /// True when this block's mark ends the prefix.
  bool add(std::string_view block, bool marked) {
    hash_ = (hash_ ^ std::hash<std::string_view>{}(block)) * 0x9E3779B97F4A7C15ull;
    tokens_ += estimate_tokens(block);
    return marked && tokens_ >= k_least_cached;
  }
  static bool is_marked(std::string_view block) {
    return block.find("\"cache_control\"") != std::string_view::npos &&
           member_of(block, "cache_control").find("\"ephemeral\"") != std::string_view::npos;
  }
  bool add_blocks(std::string_view list) {
    std::string_view block;
    for (std::size_t at = 0; next_element(list, at, block);)
      if (add(block, is_marked(block))) return true;
    return false;
  }
  bool add_message(std::string_view message) {
    const auto content = member_of(message, "content");
    if (!content.starts_with('[')) return add(message, is_marked(message));
    const auto role = member_of(message, "role");
    return add(role, false) || add_blocks(content) || add({}, is_marked(message));
  }
  std::uint64_t hash() const { return hash_ != 0 ? hash_ : 1; }

 private:
  std::uint64_t hash_ = 0x2545F4914F6CDD1Dull, tokens_ = 0;
};

} // namespace

std::uint64_t marked_prefix(const LlmRequest& request) {
  if (request.body.find("\"cache_control\"") == std::string_view::npos) return 0;
  MarkedPrefix prefix;
  const auto tools = raw_of(request, "tools"), system = raw_of(request, "system");
  if (tools.starts_with('[') && prefix.add_blocks(tools)) return prefix.hash();
  if (system.starts_with('[') ? prefix.add_blocks(system) : prefix.add(system, false)) return prefix.hash();
  const auto messages = raw_of(request, "messages");
  std::string_view message;
  for (std::size_t at = 0; messages.starts_with('[') && next_element(messages, at, message);)
    if (prefix.add_message(message)) return prefix.hash();
  return 0;
}

bool has_tags(const LlmRequest& request, const RequestHead& head) {
  const auto given = [](std::string_view raw) { return !raw.empty() && raw != "null"; };
  return head.has("x-litellm-tags") || given(raw_of(request, "tags")) ||
         given(tags_in(raw_of(request, "metadata"))) || given(tags_in(raw_of(request, "litellm_metadata")));
}

namespace {

Result<void> add_body_tags(const LlmRequest& request, std::vector<std::string>& out) {
  struct Place {
    std::string_view array, name;
  };
  const std::array places = {Place{tags_in(raw_of(request, "metadata")), "metadata.tags"},
                             Place{tags_in(raw_of(request, "litellm_metadata")), "litellm_metadata.tags"},
                             Place{raw_of(request, "tags"), "tags"}};
  for (auto& place : places)
    if (auto added = add_tags(place.array, place.name, out); !added) return added.error();
  return {};
}

} // namespace

Result<std::vector<std::string>> read_tags(const LlmRequest& request, const RequestHead& head) {
  std::vector<std::string> out;
  if (auto added = add_body_tags(request, out); !added) return added.error();
  add_header_tags(head.find("x-litellm-tags"), out);
  return out;
}

Result<std::vector<std::string>> client_tags(const LlmRequest& request, const RequestHead& head) {
  std::vector<std::string> out;
  if (auto added = add_body_tags(request, out); !added) return added.error();
  if (out.empty()) add_header_tags(head.find("x-litellm-tags"), out);
  return out;
}

std::string session_of(const LlmRequest& request, const RequestHead& head) {
  if (auto own = head.find("x-litellm-session-id"); !own.empty()) return std::string(own);
  for (auto& header : head.headers)
    if (is_session_name(header.name) && is_safe(header.value)) return std::string(header.value);
  auto raw = raw_of(request, "litellm_session_id");
  for (std::string_view place : {"metadata", "litellm_metadata"})
    if (raw.empty()) raw = member_of(raw_of(request, place), "session_id");
  if (!raw.starts_with('"')) return {};
  auto text = unescape(raw);
  return text ? *text : std::string{};
}

} // namespace switchyard::http
