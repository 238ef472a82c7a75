// Claims by dot path. Pure.
#include "http/access/claims.hpp"

#include <switchyard/json.hpp>

namespace switchyard::http::access {

namespace {

/// The first name of a path, which is shortened by it.
std::string take_name(std::string_view& path) {
  std::string name;
  std::size_t i = 0;
  for (; i < path.size() && path[i] != '.'; ++i) {
    if (path[i] == '\\' && i + 1 < path.size() && path[i + 1] == '.') ++i;
    name += path[i];
  }
  path.remove_prefix(i < path.size() ? i + 1 : i);
  return name;
}

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto word = text.substr(0, text.find(' '));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (!word.empty()) out.emplace_back(word);
  }
  return out;
}

} // namespace

const Value* claim_at(const Value& claims, std::string_view path) {
  if (path.empty()) return nullptr;
  const auto* value = &claims;
  while (value && !path.empty()) value = value->find(take_name(path));
  return value;
}

std::string claim_text(const Value& claims, std::string_view path) {
  const auto* value = claim_at(claims, path);
  if (!value) return {};
  if (const auto* text = value->as_string()) return *text;
  const auto* number = value->as_int();
  return number ? std::to_string(*number) : std::string();
}

std::vector<std::string> claim_texts(const Value& claims, std::string_view path, bool words) {
  const auto* value = claim_at(claims, path);
  if (!value) return {};
  if (value->as_list()) return texts_of(value);
  const auto text = claim_text(claims, path);
  if (text.empty()) return {};
  return words ? words_of(text) : std::vector<std::string>{text};
}

} // namespace switchyard::http::access
