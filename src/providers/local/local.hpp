// Answers without an upstream: mock_response, mock_timeout and the dummy provider. Pure and deterministic,
// any thread.
#pragma once

#include "providers/openai/target.hpp"

namespace switchyard::providers {

struct LocalCall {
  const Call& call;
  std::string_view client_model, id;
  std::int64_t created;

  /// Raw value of a JSON member, "" when absent or when the body is no JSON.
  std::string_view raw(std::string_view key) const;
  std::int64_t number(std::string_view key, std::int64_t otherwise, std::int64_t least,
                      std::int64_t most) const;
};

LocalAnswer answer_locally(const Target& target, const LocalCall& call);

/// One writer per endpoint; `text` is what to say, `mock` the raw JSON of a mock_response that is a list.
using LocalWriter = void (*)(const LocalCall& call, std::string_view text, std::string_view mock,
                             LocalAnswer& out);
void write_chat(const LocalCall&, std::string_view, std::string_view, LocalAnswer&);
void write_completion(const LocalCall&, std::string_view, std::string_view, LocalAnswer&);
void write_response(const LocalCall&, std::string_view, std::string_view, LocalAnswer&);
void write_embeddings(const LocalCall&, std::string_view, std::string_view, LocalAnswer&);
void write_moderation(const LocalCall&, std::string_view, std::string_view, LocalAnswer&);
void write_images(const LocalCall&, std::string_view, std::string_view, LocalAnswer&);
void write_transcription(const LocalCall&, std::string_view, std::string_view, LocalAnswer&);
void write_speech(const LocalCall&, std::string_view, std::string_view, LocalAnswer&);
void write_rerank(const LocalCall&, std::string_view, std::string_view, LocalAnswer&);

/// The smallest value that a JSON schema allows, as far as it is simple; `root` resolves "#/..." references.
std::string smallest_value(std::string_view schema, std::string_view root);

/// "one two three" -> "one ", "two ", "three": the pieces joined are the text.
std::vector<std::string_view> words_of(std::string_view text);

/// The mock's usage; LiteLLM's numbers.
inline constexpr Usage k_mock_usage{10, 20, 30, true};
inline constexpr std::string_view k_default_text = "This is a mock request";

} // namespace switchyard::providers
