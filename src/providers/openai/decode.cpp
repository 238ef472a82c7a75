// Whole answers: `model` restamped by splice, usage read, the rest byte for byte. Pure, any thread.
#include "providers/openai/decode.hpp"

#include "providers/openai/answer.hpp"
#include "providers/openai/errors.hpp"

namespace switchyard::providers {
namespace {

using std::string_view;

constexpr ScanOptions k_strict{256, 65536, false};

/// Endpoints whose answer may be text or sound instead of JSON.
bool may_be_other(Endpoint endpoint) {
  return endpoint == Endpoint::speech || endpoint == Endpoint::transcriptions ||
         endpoint == Endpoint::translations;
}

bool is_json(const UpstreamAnswer& answer) {
  auto first = answer.body.find_first_not_of(" \t\r\n");
  return answer.content_type.find("json") != string_view::npos && first != string_view::npos &&
         answer.body[first] == '{';
}

/// A 200 that says it failed. The responses API reports failed runs in the object itself.
const JsonField* find_failure(const Call& call, const ObjectScan& scan) {
  auto* error = scan.find("error");
  if (!error || error->kind == JsonKind::null || call.endpoint == Endpoint::responses) return nullptr;
  return scan.find("choices") || scan.find("data") ? nullptr : error;
}

} // namespace

Result<void> decode_answer(const OpenAiTarget& target, const Call& call, const UpstreamAnswer& answer,
                           string_view client_model, Decoded& out) {
  if (may_be_other(call.endpoint) && (call.endpoint == Endpoint::speech || !is_json(answer))) {
    out.body.push_back(answer.body);
    return {};
  }
  out.scan = std::make_unique<ObjectScan>();
  auto& scan = *out.scan;
  if (!scan_object(answer.body, scan, k_strict)) return make_invalid_answer(target, answer.body);
  if (auto* error = find_failure(call, scan))
    return make_upstream_error(target, embedded_status(scan.raw(*error)), answer.body);
  if (auto* usage = scan.find("usage")) read_usage(scan.raw(*usage), out.usage);
  out.splice = std::make_unique<JsonSplice>(scan);
  auto* model = scan.find("model");
  if (model && model->kind == JsonKind::string && !client_model.empty())
    out.splice->set("model", json_string(client_model));
  if (auto* choices = scan.find("choices"); choices && target.row->has(k_reasoning_field))
    if (auto text = rename_reasoning(scan.raw(*choices))) out.splice->set("choices", *text);
  out.splice->pieces(out.body);
  return {};
}

} // namespace switchyard::providers
