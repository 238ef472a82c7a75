// Which vocabulary a model has, where it lies, and what stands in for it. Files are read at start-up only.
#include <switchyard/tokens.hpp>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace switchyard {
namespace {

using std::string_view;

constexpr std::array k_o200k_models{
    string_view("gpt-4o"),  string_view("gpt-4.1"),    string_view("gpt-4.5"),    string_view("gpt-5"),
    string_view("gpt-oss"), string_view("chatgpt-4o"), string_view("codex-mini"), string_view("o1"),
    string_view("o3"),      string_view("o4-")};

/// Null when there is no such file.
Result<std::shared_ptr<const Tokenizer>> load(const std::string& directory, Vocabulary vocabulary) {
  const auto path = std::filesystem::path(directory) / file_name(vocabulary);
  std::error_code code;
  if (!std::filesystem::exists(path, code)) return std::shared_ptr<const Tokenizer>();
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return Error(Errc::config, "cannot read " + path.string());
  auto made = make_tokenizer(vocabulary, text);
  if (!made) return Error(Errc::config, path.string() + ": " + made.error().message);
  return made;
}

} // namespace

Vocabulary vocabulary_of(string_view model) noexcept {
  if (auto slash = model.rfind('/'); slash != string_view::npos) model.remove_prefix(slash + 1);
  if (model.starts_with("ft:")) model.remove_prefix(3);
  for (auto start : k_o200k_models)
    if (model.starts_with(start)) return Vocabulary::o200k;
  return Vocabulary::cl100k;
}

string_view file_name(Vocabulary vocabulary) noexcept {
  return vocabulary == Vocabulary::o200k ? "o200k_base.tiktoken" : "cl100k_base.tiktoken";
}

Result<Tokenizers> load_tokenizers(const std::string& directory) {
  Tokenizers out;
  if (directory.empty()) return out;
  auto cl100k = load(directory, Vocabulary::cl100k);
  if (!cl100k) return cl100k.error();
  auto o200k = load(directory, Vocabulary::o200k);
  if (!o200k) return o200k.error();
  out.cl100k = std::move(*cl100k), out.o200k = std::move(*o200k);
  return out;
}

std::size_t guess_tokens(string_view text) noexcept {
  // In quarters of a token: ASCII one, other alphabets two, East Asian scripts and symbols four.
  std::size_t quarters = 0;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) == 0x80) continue;
    quarters += byte < 0x80 ? 1 : byte < 0xE2 ? 2 : 4;
  }
  return (quarters + 3) / 4;
}

} // namespace switchyard
