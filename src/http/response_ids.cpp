// Rows written into responses, in LiteLLM's form. Pure.
#include "http/response_ids.hpp"

#include "http/base64.hpp"
#include "http/encrypted_items.hpp"

#include <switchyard/json_scan.hpp>

namespace switchyard::http {

namespace {

constexpr std::string_view k_prefix = "resp_", k_provider = "litellm:custom_llm_provider:",
                           k_row = ";model_id:", k_id = ";response_id:";
constexpr std::size_t k_longest = 4096;

} // namespace

std::string encode_response_id(std::string_view provider, std::string_view row, std::string_view id) {
  std::string text;
  for (auto part : {k_provider, provider, k_row, row, k_id, id}) text += part;
  return std::string(k_prefix) + to_base64(text);
}

std::optional<ResponseId> decode_response_id(std::string_view text) {
  if (!text.starts_with(k_prefix) || text.size() > k_longest) return std::nullopt;
  const auto whole = from_base64(text.substr(k_prefix.size()));
  const auto row = whole.find(k_row);
  const auto id = row == std::string::npos ? row : whole.find(k_id, row);
  if (!whole.starts_with(k_provider) || id == std::string::npos) return std::nullopt;
  ResponseId out;
  out.row = whole.substr(row + k_row.size(), id - row - k_row.size());
  out.id = whole.substr(id + k_id.size());
  return out;
}

std::string marked_response(std::string_view object, const RowMarks& marks) {
  ObjectScan scan;
  if (!scan_object(object, scan)) return std::string(object);
  JsonSplice splice(scan);
  auto* field = scan.find("id");
  auto id = field && field->kind == JsonKind::string ? unescape(scan.raw(*field)) : Result<std::string>("");
  if (marks.ids && id && !id->empty())
    splice.set("id", json_string(encode_response_id(marks.provider, marks.row, *id)));
  auto* output = scan.find("output");
  if (marks.items && output && output->kind == JsonKind::array)
    splice.set("output", mark_items(scan.raw(*output), marks.row));
  return splice.empty() ? std::string(object) : splice.str();
}

std::string marked_event(std::string_view frame, const RowMarks& marks) {
  constexpr std::string_view k_data = "data: ";
  const auto data = frame.find(k_data);
  const auto end = frame.find('\n', data == std::string_view::npos ? 0 : data);
  if (data == std::string_view::npos || end == std::string_view::npos) return std::string(frame);
  const auto begin = data + k_data.size();
  const auto object = frame.substr(begin, end - begin);
  const bool may_hold = object.find("\"response\"") != std::string_view::npos ||
                        (marks.items && object.find("\"encrypted_content\"") != std::string_view::npos);
  ObjectScan scan;
  if (!may_hold || !scan_object(object, scan)) return std::string(frame);
  JsonSplice splice(scan);
  auto* response = scan.find("response");
  if (response && response->kind == JsonKind::object)
    splice.set("response", marked_response(scan.raw(*response), marks));
  auto* item = scan.find("item");
  if (marks.items && item && item->kind == JsonKind::object)
    splice.set("item", mark_item(scan.raw(*item), marks.row));
  if (splice.empty()) return std::string(frame);
  return std::string(frame.substr(0, begin)) + splice.str() + std::string(frame.substr(end));
}

} // namespace switchyard::http
