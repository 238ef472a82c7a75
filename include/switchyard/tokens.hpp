// Counting tokens as OpenAI's models do: byte pair encoding with the vocabularies cl100k_base and o200k_base,
// which scripts/install_tokenizers.sh installs; an estimate without them. Immutable after loading, any
// thread.
#pragma once

#include <switchyard/error.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard {

enum class Vocabulary : std::uint8_t { cl100k, o200k };
/// The vocabulary of a model, provider prefixes ignored: o200k_base for gpt-4o, gpt-4.1, gpt-5 and the
/// o-series, else cl100k_base, as LiteLLM does it for models of other makers too.
Vocabulary vocabulary_of(std::string_view model) noexcept;
std::string_view file_name(Vocabulary vocabulary) noexcept; ///< "cl100k_base.tiktoken"

class Tokenizer {
 public:
  virtual ~Tokenizer() = default;
  /// Special tokens are text like any other. Broken UTF-8 is counted byte by byte.
  virtual std::size_t count(std::string_view text) const = 0;
  virtual std::vector<std::uint32_t> encode(std::string_view text) const = 0;
  /// The bytes of these tokens; ids that the vocabulary has not are an error that names the first.
  virtual Result<std::string> decode(const std::vector<std::uint32_t>& tokens) const = 0;
};

/// `ranks` = a tiktoken file: lines of "<base64> <rank>".
Result<std::shared_ptr<const Tokenizer>> make_tokenizer(Vocabulary vocabulary, std::string_view ranks);

/// What is installed; null = the file is not there.
struct Tokenizers {
  std::shared_ptr<const Tokenizer> cl100k, o200k;
  const Tokenizer* find(Vocabulary vocabulary) const noexcept {
    return (vocabulary == Vocabulary::o200k ? o200k : cl100k).get();
  }
};
/// Start-up: reads the files of a directory. A broken file is an error; a missing one is none.
Result<Tokenizers> load_tokenizers(const std::string& directory);

/// About four ASCII characters, or one of an East Asian script, to a token; for when no vocabulary is there.
std::size_t guess_tokens(std::string_view text) noexcept;

} // namespace switchyard
