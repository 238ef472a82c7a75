// Multipart requests: parts go through byte for byte; `model` is replaced, the gateway's own parts are left
// out. Pure, any thread.
#include "providers/openai/encode.hpp"

#include <switchyard/multipart.hpp>

namespace switchyard::providers {
namespace {

using std::string_view;

std::string text_part(string_view boundary, string_view name, string_view value) {
  std::string part = "--";
  part.append(boundary)
      .append("\r\nContent-Disposition: form-data; name=\"")
      .append(name)
      .append("\"\r\n\r\n");
  return part.append(value).append("\r\n");
}

/// A default's JSON value as form text: strings without quotes, the rest as written.
std::string form_value(const std::string& json) {
  if (!json.starts_with('"')) return json;
  auto text = unescape(json);
  return text ? std::move(*text) : json;
}

// A part's value is text of the operator's; line breaks could end the part only with the boundary, which is
// the client's random string.
void append_defaults(const OpenAiTarget& target, const std::vector<FormPart>& parts, string_view boundary,
                     std::string& tail) {
  for (auto& item : target.defaults) {
    bool sent = false;
    for (auto& part : parts) sent = sent || part.name == item.name;
    if (!sent) tail += text_part(boundary, item.name, form_value(item.json));
  }
}

} // namespace

Result<void> encode_multipart(const OpenAiTarget& target, const Call& call, Wire& out) {
  auto parsed = parse_multipart(call.body, call.content_type);
  if (!parsed) return parsed.error();
  auto boundary = multipart_boundary(call.content_type);
  auto model = upstream_model(*target.row, call.model);
  if (model.find_first_of("\r\n") != std::string::npos) {
    Error error;
    error.code = Errc::invalid_request;
    error.message = "model: must not hold line breaks";
    error.extra().param = "model";
    return error;
  }
  out.owned = text_part(boundary, "model", model);
  const auto model_size = out.owned.size();
  append_defaults(target, *parsed, boundary, out.owned);
  out.owned.append("--").append(boundary).append("--\r\n");
  auto tail = string_view(out.owned);
  for (auto& part : *parsed) {
    bool is_model = part.name == "model";
    if (is_model && tail.size() == out.owned.size()) {
      out.body.push_back(tail.substr(0, model_size));
      tail.remove_prefix(model_size);
    } else if (!is_model && !is_gateway_param(part.name) && part.name != "metadata") {
      out.body.push_back(part.whole);
    }
  }
  out.body.push_back(tail);
  write_head(target, call, "Content-Type: " + std::string(call.content_type) + "\r\n", out);
  return {};
}

} // namespace switchyard::providers
