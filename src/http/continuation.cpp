// Builds the continuation's messages and restamps its chunks by splicing: what is not replaced stays byte for
// byte.
#include "http/continuation.hpp"

#include <switchyard/json_scan.hpp>

#include <algorithm>
#include <cstdint>

namespace switchyard::http {

namespace {

constexpr std::string_view k_note =
    "The answer to the conversation above was interrupted. The next message is what has been said so far. "
    "Go on exactly where it stops, in the same language and format, so that both together are one answer. "
    "Do not repeat any of it, do not comment on the interruption, and do not start anew.";

constexpr std::size_t k_bytes_per_token = 4;
/// An id or a time that is longer would be repeated in every chunk.
constexpr std::size_t k_longest_identity = 256;
constexpr std::string_view k_space = " \t\r\n";

std::string_view without_space_behind(std::string_view text) {
  return text.substr(0, text.find_last_not_of(k_space) + 1);
}

/// The array without its closing bracket, ready for another element.
std::string opened(std::string_view array) {
  array = without_space_behind(array);
  if (array.ends_with(']')) array.remove_suffix(1);
  array = without_space_behind(array);
  if (array.empty()) return "[";
  std::string out(array);
  if (!array.ends_with('[') && !array.ends_with(',')) out += ',';
  return out;
}

/// What a continuation adds to the prompt.
std::size_t added_bytes(std::size_t said) { return said == 0 ? 0 : k_note.size() + said; }

std::uint32_t tokens(std::size_t bytes) {
  return static_cast<std::uint32_t>(
      std::min<std::size_t>((bytes + k_bytes_per_token - 1) / k_bytes_per_token, UINT32_MAX));
}

std::uint32_t sum(std::uint64_t left, std::uint64_t right) {
  return static_cast<std::uint32_t>(std::min<std::uint64_t>(left + right, UINT32_MAX));
}

/// The member as written, if it is what it should be.
std::string_view identity(const ObjectScan& chunk, std::string_view key, JsonKind kind) {
  auto* field = chunk.find(key);
  if (!field || field->kind != kind) return {};
  auto raw = chunk.raw(*field);
  return raw.size() <= k_longest_identity ? raw : std::string_view{};
}

void set_usage(JsonSplice& chunk, std::string_view usage, const providers::Usage& total) {
  ObjectScan scan;
  if (!scan_object(usage, scan)) return;
  JsonSplice counts(scan);
  counts.set("prompt_tokens", std::to_string(total.prompt_tokens));
  counts.set("completion_tokens", std::to_string(total.completion_tokens));
  counts.set("total_tokens", std::to_string(total.total_tokens));
  chunk.set("usage", counts.str());
}

} // namespace

std::string continuation_messages(std::string_view messages, std::string_view said) {
  auto out = opened(messages);
  out.reserve(out.size() + said.size() + said.size() / 8 + k_note.size() + 64);
  out += R"({"role":"system","content":)";
  append_json_string(out, k_note);
  out += R"(},{"role":"assistant","content":)";
  append_json_string(out, said);
  return out += "}]";
}

void remember_first(StreamProgress& progress, std::string_view chunk) {
  progress.id.clear(), progress.created.clear();
  ObjectScan scan;
  if (!scan_object(chunk, scan)) return;
  progress.id = identity(scan, "id", JsonKind::string);
  progress.created = identity(scan, "created", JsonKind::number);
}

void add_part(StreamProgress& progress, const ChunkText& part, const providers::Usage& usage) {
  auto& all = progress.usage;
  if (usage.present) {
    add(all, usage);
  } else {
    ++progress.unreported;
    progress.unreported_text += part.text.size();
    progress.unreported_added += added_bytes(progress.said.text.size());
  }
  progress.said.plain = progress.said.plain && part.plain;
  progress.said.text += part.text;
}

providers::Usage total_usage(const StreamProgress& progress, const providers::Usage& part) {
  auto total = progress.usage;
  if (!part.present) return total;
  add(total, part);
  if (progress.unreported > 0) {
    // The client's own messages are what this prompt holds beyond note and text.
    std::uint64_t added = tokens(added_bytes(progress.said.text.size()));
    std::uint64_t own = part.prompt_tokens > added ? part.prompt_tokens - added : 0;
    std::uint64_t more = own * progress.unreported + tokens(progress.unreported_added);
    std::uint64_t said = tokens(progress.unreported_text);
    total.prompt_tokens = sum(total.prompt_tokens, more);
    total.completion_tokens = sum(total.completion_tokens, said);
    total.total_tokens = sum(total.total_tokens, more + said);
  }
  return total;
}

std::string continued_frame(const StreamProgress& progress, std::string_view frame,
                            const providers::Usage& part) {
  constexpr std::string_view k_data = "data:";
  auto at = frame.find(k_data);
  ObjectScan scan;
  if (at == frame.npos || !scan_object(frame.substr(at + k_data.size()), scan)) return std::string(frame);
  JsonSplice chunk(scan);
  if (!progress.id.empty()) chunk.set("id", progress.id);
  if (!progress.created.empty()) chunk.set("created", progress.created);
  auto* usage = scan.find("usage");
  if (usage && usage->kind == JsonKind::object)
    set_usage(chunk, scan.raw(*usage), total_usage(progress, part));
  std::string out(frame.substr(0, at + k_data.size()));
  return out += chunk.str();
}

} // namespace switchyard::http
