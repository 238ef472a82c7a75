// What answers and stream chunks have in common: their members, and the spelling of reasoning. Pure, any
// thread.
#pragma once

#include "providers/openai/usage.hpp"

#include <switchyard/json_skim.hpp>
#include <switchyard/provider.hpp>

#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace switchyard::providers {

/// Whether `key` is this name; the names are short, so that the compiler compares words.
template <std::size_t N>
bool is_key(std::string_view key, const char (&name)[N]) noexcept {
  return key.size() == N - 1 && std::memcmp(key.data(), name, N - 1) == 0;
}

/// What is read of an answer or a chunk, as written; null data = not there.
struct Members {
  std::string_view model, error, choices, data, usage, filter_results, service_tier;
  std::string_view output, meta, duration; ///< of responses, reranking, transcripts

  bool failed() const noexcept { return error.data() && error != "null"; }
  bool has_usage() const noexcept { return usage.starts_with('{'); }
};

/// False when the text is no whole object, or holds one of these members twice: which of them the client
/// would read is anybody's guess.
bool read_members(std::string_view text, Members& out, Usage& usage);
/// The same for what a walk has still before it; `out` holds what it has passed.
bool read_members(JsonSkim& skim, Members& out, Usage& usage);

/// Rows that say `reasoning`, or thinking parts of the content, for reasoning_content: when a message or a
/// delta does, the text is written anew into `out`, and `text` and `members` point into that. False when the
/// result is no answer.
bool rename_reasoning(std::string_view& text, Members& members, std::string& out);

} // namespace switchyard::providers
