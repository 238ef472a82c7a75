// Marks on encrypted_content. Pure.
#include "http/encrypted_items.hpp"

#include "http/base64.hpp"

#include <switchyard/json_scan.hpp>

namespace switchyard::http {

namespace {

constexpr std::string_view k_content = "litellm_enc:", k_content_row = "model_id:";
constexpr std::string_view k_id = "encitem_", k_id_row = "litellm:model_id:", k_id_own = ";item_id:";
constexpr std::size_t k_longest_mark = 4096;

/// What a mark hides: the row and the value as it was.
struct Unmarked {
  std::string row, value;
};

std::string text_of(const ObjectScan& item, std::string_view key) {
  const auto* field = item.find(key);
  auto text = field && field->kind == JsonKind::string ? unescape(item.raw(*field)) : Result<std::string>("");
  return text ? std::move(*text) : std::string();
}

std::optional<Unmarked> unmark_content(std::string_view text) {
  const auto end = text.find(';');
  if (!text.starts_with(k_content) || end == std::string_view::npos || end > k_longest_mark) return {};
  const auto row = from_base64(text.substr(k_content.size(), end - k_content.size()));
  if (!row.starts_with(k_content_row)) return {};
  return Unmarked{row.substr(k_content_row.size()), std::string(text.substr(end + 1))};
}

std::optional<Unmarked> unmark_id(std::string_view text) {
  if (!text.starts_with(k_id) || text.size() > k_longest_mark) return {};
  const auto whole = from_base64(text.substr(k_id.size()));
  const auto own = whole.find(k_id_own);
  if (!whole.starts_with(k_id_row) || own == std::string::npos) return {};
  return Unmarked{whole.substr(k_id_row.size(), own - k_id_row.size()), whole.substr(own + k_id_own.size())};
}

/// `list` with every element as `change` makes it.
template <class Change>
std::string with_each(std::string_view list, Change change) {
  std::string out = "[";
  std::string_view element;
  for (std::size_t at = 0; next_element(list, at, element);) {
    if (out.size() > 1) out += ',';
    out += change(element);
  }
  return out + "]";
}

std::string unmark_item(std::string_view item, std::string& row) {
  ObjectScan scan;
  if (!item.starts_with('{') || !scan_object(item, scan)) return std::string(item);
  JsonSplice splice(scan);
  auto take = [&](std::string_view key, std::optional<Unmarked> found) {
    if (!found) return;
    if (row.empty()) row = std::move(found->row);
    splice.set(key, json_string(found->value));
  };
  take("id", unmark_id(text_of(scan, "id")));
  take("encrypted_content", unmark_content(text_of(scan, "encrypted_content")));
  return splice.empty() ? std::string(item) : splice.str();
}

} // namespace

std::string mark_item(std::string_view item, std::string_view row) {
  ObjectScan scan;
  if (!item.starts_with('{') || !scan_object(item, scan)) return std::string(item);
  const auto content = text_of(scan, "encrypted_content");
  if (content.empty()) return std::string(item);
  JsonSplice splice(scan);
  const auto mark = to_base64(std::string(k_content_row) + std::string(row));
  splice.set("encrypted_content", json_string(std::string(k_content) + mark + ";" + content));
  return splice.str();
}

std::string mark_items(std::string_view list, std::string_view row) {
  return with_each(list, [row](std::string_view item) { return mark_item(item, row); });
}

std::optional<UnmarkedInput> unmark_items(std::string_view list) {
  if (!list.starts_with('[')) return {};
  if (list.find(k_content) == std::string_view::npos && list.find(k_id) == std::string_view::npos) return {};
  UnmarkedInput out;
  out.list = with_each(list, [&out](std::string_view item) { return unmark_item(item, out.row); });
  if (out.row.empty()) return {};
  return out;
}

} // namespace switchyard::http
