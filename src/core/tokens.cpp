// Byte pair encoding with a vocabulary of ranks. Immutable after loading, any thread; a count allocates
// scratch space only.
#include "core/pretokens.hpp"

#include <switchyard/tokens.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <functional>
#include <queue>

namespace switchyard {
namespace {

using std::size_t;
using std::string_view;

constexpr std::uint32_t k_none = UINT32_MAX;
constexpr std::uint32_t k_max_tokens = 1u << 20; ///< of a vocabulary

/// All tokens' bytes in one text, found by a table of open addressing.
class Ranks {
 public:
  Result<void> read(string_view file);
  std::uint32_t find(string_view bytes) const noexcept {
    if (bytes.size() > longest_) return k_none;
    for (auto at = std::hash<string_view>{}(bytes)&mask_;; at = (at + 1) & mask_)
      if (table_[at] == k_none || bytes_of(table_[at]) == bytes) return table_[at];
  }
  /// Empty = no such token.
  string_view bytes_of(std::uint32_t rank) const noexcept {
    if (rank >= begins_.size()) return {};
    return string_view(bytes_).substr(begins_[rank], sizes_[rank]);
  }

 private:
  Result<void> add(string_view line);
  Result<void> index();
  std::string bytes_;
  std::vector<std::uint32_t> begins_, sizes_, table_;
  size_t mask_ = 0, longest_ = 0;
};

Error broken(string_view line, string_view why) {
  return Error(Errc::config, "not a tiktoken vocabulary: " + std::string(why) + " in line '" +
                                 std::string(line.substr(0, 80)) + "'");
}

bool append_base64(string_view text, std::string& out) {
  std::uint32_t bits = 0;
  int have = 0;
  while (!text.empty() && text.back() == '=') text.remove_suffix(1);
  for (char c : text) {
    const int value = c >= 'A' && c <= 'Z'   ? c - 'A'
                      : c >= 'a' && c <= 'z' ? c - 'a' + 26
                      : c >= '0' && c <= '9' ? c - '0' + 52
                      : c == '+'             ? 62
                      : c == '/'             ? 63
                                             : -1;
    if (value < 0) return false;
    bits = bits << 6 | static_cast<std::uint32_t>(value), have += 6;
    if (have >= 8) have -= 8, out += static_cast<char>(bits >> have & 0xFF);
  }
  return true;
}

Result<void> Ranks::add(string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.empty()) return {};
  const auto gap = line.find(' ');
  std::uint32_t rank = 0;
  if (gap == string_view::npos || gap == 0) return broken(line, "two words were expected");
  auto [end, code] = std::from_chars(line.data() + gap + 1, line.data() + line.size(), rank);
  if (code != std::errc() || end != line.data() + line.size() || rank >= k_max_tokens)
    return broken(line, "bad rank");
  const auto begin = bytes_.size();
  if (!append_base64(line.substr(0, gap), bytes_) || bytes_.size() == begin)
    return broken(line, "bad base64");
  if (rank >= sizes_.size()) sizes_.resize(rank + 1), begins_.resize(rank + 1);
  if (sizes_[rank]) return broken(line, "a rank was given twice");
  begins_[rank] = static_cast<std::uint32_t>(begin);
  sizes_[rank] = static_cast<std::uint32_t>(bytes_.size() - begin);
  longest_ = std::max(longest_, bytes_.size() - begin);
  return {};
}

Result<void> Ranks::index() {
  size_t size = 1024;
  while (size < sizes_.size() * 2) size *= 2;
  table_.assign(size, k_none), mask_ = size - 1;
  for (std::uint32_t rank = 0; rank < sizes_.size(); ++rank) {
    if (!sizes_[rank]) continue;
    auto at = std::hash<string_view>{}(bytes_of(rank)) & mask_;
    while (table_[at] != k_none) at = (at + 1) & mask_;
    table_[at] = rank;
  }
  for (int byte = 0; byte < 256; ++byte) {
    const char one = static_cast<char>(byte);
    if (find(string_view(&one, 1)) == k_none)
      return Error(Errc::config, "not a tiktoken vocabulary: byte " + std::to_string(byte) + " has no token");
  }
  return {};
}

Result<void> Ranks::read(string_view file) {
  if (file.size() > (64u << 20))
    return Error(Errc::config, "not a tiktoken vocabulary: it is larger than 64 MiB");
  while (!file.empty()) {
    const auto end = file.find('\n');
    if (auto done = add(file.substr(0, end)); !done) return done;
    file.remove_prefix(end == string_view::npos ? file.size() : end + 1);
  }
  return index();
}

/// Merges one piece: always the pair of lowest rank first, the leftmost of equals. The heap keeps a hostile
/// piece of a million letters from costing a million squared.
class Merger {
 public:
  explicit Merger(const Ranks& ranks) : ranks_(ranks) {}

  /// Calls take(bytes) for each token.
  template <class Take>
  void merge(string_view piece, Take&& take) {
    piece_ = piece;
    const auto size = static_cast<std::uint32_t>(piece.size());
    next_.resize(size + 1), before_.resize(size + 1);
    for (std::uint32_t i = 0; i <= size; ++i) next_[i] = i + 1, before_[i] = i - 1;
    for (std::uint32_t i = 0; i + 1 < size; ++i) push(i);
    while (!heap_.empty()) {
      const auto pair = heap_.top();
      heap_.pop();
      if (is_current(pair)) join(pair.begin);
    }
    for (std::uint32_t i = 0; i < size; i = next_[i]) take(piece.substr(i, next_[i] - i));
  }

 private:
  struct Pair {
    std::uint32_t rank, begin, end;
    bool operator>(const Pair& other) const noexcept {
      return rank != other.rank ? rank > other.rank : begin > other.begin;
    }
  };

  void push(std::uint32_t begin) {
    const auto middle = next_[begin];
    if (middle >= piece_.size()) return;
    const auto end = next_[middle];
    const auto rank = ranks_.find(piece_.substr(begin, end - begin));
    if (rank != k_none) heap_.push({rank, begin, end});
  }

  /// Nothing was merged away from under it.
  bool is_current(const Pair& pair) const noexcept {
    if (next_[pair.begin] == k_none) return false;
    const auto middle = next_[pair.begin];
    return middle < piece_.size() && next_[middle] == pair.end;
  }

  void join(std::uint32_t begin) {
    const auto middle = next_[begin], end = next_[middle];
    next_[begin] = end, next_[middle] = k_none;
    before_[end] = begin;
    if (begin > 0) push(before_[begin]);
    push(begin);
  }

  const Ranks& ranks_;
  string_view piece_;
  std::vector<std::uint32_t> next_, before_;
  std::priority_queue<Pair, std::vector<Pair>, std::greater<>> heap_;
};

class BpeTokenizer final : public Tokenizer {
 public:
  explicit BpeTokenizer(Vocabulary vocabulary) : vocabulary_(vocabulary) {}
  Result<void> read(string_view file) { return ranks_.read(file); }

  size_t count(string_view text) const override {
    size_t out = 0;
    each_token(text, [&out](std::uint32_t) { ++out; });
    return out;
  }
  std::vector<std::uint32_t> encode(string_view text) const override {
    std::vector<std::uint32_t> out;
    each_token(text, [&out](std::uint32_t rank) { out.push_back(rank); });
    return out;
  }
  Result<std::string> decode(const std::vector<std::uint32_t>& tokens) const override {
    std::string out;
    for (auto token : tokens) {
      const auto bytes = ranks_.bytes_of(token);
      if (bytes.empty())
        return Error(Errc::invalid_request, "token " + std::to_string(token) + " is not in the vocabulary");
      out += bytes;
    }
    return out;
  }

 private:
  template <class Take>
  void each_token(string_view text, Take&& take) const {
    Merger merger(ranks_);
    while (!text.empty()) {
      // A piece of 64 MiB is no text; offsets stay small this way.
      const auto piece = text.substr(0, std::min<size_t>(first_piece(vocabulary_, text), 64u << 20));
      text.remove_prefix(piece.size());
      if (auto rank = ranks_.find(piece); rank != k_none)
        take(rank);
      else
        merger.merge(piece, [&](string_view bytes) { take(ranks_.find(bytes)); });
    }
  }

  Vocabulary vocabulary_;
  Ranks ranks_;
};

} // namespace

Result<std::shared_ptr<const Tokenizer>> make_tokenizer(Vocabulary vocabulary, string_view ranks) {
  auto out = std::make_shared<BpeTokenizer>(vocabulary);
  if (auto done = out->read(ranks); !done) return done.error();
  return std::shared_ptr<const Tokenizer>(std::move(out));
}

} // namespace switchyard
