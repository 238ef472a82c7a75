// Small things that several own-format families need. Pure, any thread.
#include "providers/common/parts.hpp"

#include "providers/family/chat.hpp"

#include <algorithm>
#include <utility>

namespace switchyard::providers {

using std::string_view;

std::string path_under(const BaseUrl& base, string_view suffix) {
  std::string out = base.path + std::string(suffix);
  if (out.empty()) out = "/";
  if (!base.query.empty()) out.append("?").append(base.query);
  return out;
}

Result<std::string> model_path(const FamilyTarget& target, string_view model) {
  std::string out;
  for (auto rest = model;;) {
    const auto slash = rest.find('/');
    const auto segment = rest.substr(0, slash);
    if (segment.empty() || segment == "." || segment == "..")
      return bad_request(target, "model: '" + std::string(model) + "' cannot be part of a path");
    out += path_segment(segment);
    if (slash == string_view::npos) return out;
    out += '/';
    rest.remove_prefix(slash + 1);
  }
}

string_view cut_ending(BaseUrl& base, string_view endings) {
  string_view found;
  any_word(endings, [&](string_view ending) {
    if (!string_view(base.path).ends_with(ending)) return false;
    base.path.resize(base.path.size() - ending.size());
    found = ending;
    return true;
  });
  return found;
}

void copy_renamed(const Value& request, ValueMap& body, string_view words) {
  any_word(words, [&](string_view word) {
    const auto colon = word.find(':');
    auto* value = request.find(word.substr(0, colon));
    if (value && !value->is_null())
      body.emplace_back(colon == string_view::npos ? word : word.substr(colon + 1), *value);
    return false;
  });
}

std::uint32_t count_at(const Value& object, string_view key) noexcept {
  double number = 0;
  auto* value = object.find(key);
  if (!value || !value->number(number) || !(number > 0)) return 0;
  return number >= UINT32_MAX ? UINT32_MAX : static_cast<std::uint32_t>(number);
}

const Value* map_at(const Value& object, string_view key) noexcept {
  auto* value = object.find(key);
  return value && value->as_map() ? value : nullptr;
}

void copy_rest(const Job& job, ValueMap& body) {
  copy_extras(job.request, body);
  auto judge = job.target.row->family->takes;
  const auto known = openai_params(Endpoint::chat);
  for (auto& [key, value] : map_of(job.request)) {
    if (!judge || !std::binary_search(known.begin(), known.end(), string_view(key))) continue;
    if (!judge(job.target, job.call, key)) body.emplace_back(key, value);
  }
}

std::string made_call_id(const Call& call, std::size_t index) {
  std::string out = "call_";
  for (char c : call.call_id)
    if (c != '-' && out.size() < 29) out += c;
  return out.append(index ? "_" + std::to_string(index) : "");
}

std::string place_of(std::size_t message, std::size_t part) {
  return "messages[" + std::to_string(message) + "].content[" + std::to_string(part) + "]";
}

Errc classify_by(string_view body, int status, std::span<const ErrorPhrase> phrases,
                 std::span<const ErrorStatus> statuses) {
  for (auto& phrase : phrases)
    if (body.find(phrase.text) != string_view::npos) return phrase.code;
  for (auto& row : statuses)
    if (row.status == status) return row.code;
  return Errc::none;
}

namespace {

constexpr string_view k_open = "<think>", k_close = "</think>", k_space = " \t\r\n";

/// Size of the longest end of `text` that begins `tag`.
std::size_t partial_tag(string_view text, string_view tag) {
  for (auto size = std::min(text.size(), tag.size() - 1); size > 0; --size)
    if (tag.starts_with(text.substr(text.size() - size))) return size;
  return 0;
}

} // namespace

ThinkSplitter::Pieces ThinkSplitter::feed(string_view piece) {
  Pieces out;
  held_ += piece;
  if (state_ == k_start) {
    const auto begin = held_.find_first_not_of(k_space);
    if (begin == std::string::npos) return out;
    auto rest = string_view(held_).substr(begin);
    if (rest.size() < k_open.size() && k_open.starts_with(rest)) return out;
    state_ = rest.starts_with(k_open) ? k_inside : k_text;
    if (state_ == k_inside) held_.erase(0, begin + k_open.size());
  }
  if (state_ == k_inside) {
    const auto close = held_.find(k_close);
    const auto size = close == std::string::npos ? held_.size() - partial_tag(held_, k_close) : close;
    out.reasoning = held_.substr(0, size);
    held_.erase(0, close == std::string::npos ? size : size + k_close.size());
    if (close == std::string::npos) return out;
    state_ = k_after_tag;
  }
  if (state_ == k_after_tag) {
    const auto begin = held_.find_first_not_of(k_space);
    held_.erase(0, begin);
    if (begin == std::string::npos) return held_.clear(), out;
    state_ = k_text;
  }
  out.text = std::exchange(held_, {});
  return out;
}

ThinkSplitter::Pieces ThinkSplitter::flush() {
  Pieces out;
  (state_ == k_inside ? out.reasoning : out.text) = std::exchange(held_, {});
  return out;
}

} // namespace switchyard::providers
