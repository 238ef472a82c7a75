// Takes the rows out of a request's ids and encrypted content. Pure.
#include "http/response_rows.hpp"

#include "http/encrypted_items.hpp"
#include "http/response_ids.hpp"

namespace switchyard::http {

namespace {

/// Puts `json` into the body and scans that.
Result<void> replace(LlmRequest& request, std::string_view key, std::string_view json) {
  JsonSplice splice(request.scan);
  splice.set(key, json);
  request.cleaned = splice.str(); // made before it takes the place of the text it may come from
  request.body = request.cleaned;
  return scan_object(request.body, request.scan);
}

Result<void> take_previous_response(LlmRequest& request) {
  auto* field = request.scan.find("previous_response_id");
  if (!field || field->kind != JsonKind::string) return {};
  auto text = unescape(request.scan.raw(*field));
  auto id = text ? decode_response_id(*text) : std::nullopt;
  if (!id) return {};
  request.response_row = std::move(id->row);
  return replace(request, "previous_response_id", json_string(id->id));
}

Result<void> take_encrypted(LlmRequest& request) {
  auto* field = request.scan.find("input");
  auto unmarked = field ? unmark_items(request.scan.raw(*field)) : std::nullopt;
  if (!unmarked) return {};
  request.encrypted_row = std::move(unmarked->row);
  return replace(request, "input", unmarked->list);
}

} // namespace

Result<void> take_marks(LlmRequest& request) {
  if (!request.json || request.endpoint != Endpoint::responses) return {};
  if (auto id = take_previous_response(request); !id) return id.error();
  return take_encrypted(request);
}

} // namespace switchyard::http
