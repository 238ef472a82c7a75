// POST /utils/transform_request: the upstream request that a call would make, with its secrets masked. Pure,
// any thread.
#include <switchyard/ascii.hpp>
#include <switchyard/json.hpp>
#include <switchyard/provider_utils.hpp>

#include <algorithm>

namespace switchyard::providers {
namespace {

using std::string_view;

constexpr string_view k_mask = "***";

struct CallType {
  string_view name;
  Endpoint endpoint;
};
/// LiteLLM's call types; each also with an "a" in front.
constexpr CallType k_call_types[] = {
    {"completion", Endpoint::chat},
    {"text_completion", Endpoint::completions},
    {"embedding", Endpoint::embeddings},
    {"responses", Endpoint::responses},
    {"moderation", Endpoint::moderations},
    {"image_generation", Endpoint::images_generations},
    {"speech", Endpoint::speech},
    {"rerank", Endpoint::rerank},
    {"anthropic_messages", Endpoint::messages},
    {"generate_content", Endpoint::generate_content},
};

bool has(string_view name, string_view word) {
  auto same = [](char a, char b) { return (a | 0x20) == b; };
  return std::search(name.begin(), name.end(), word.begin(), word.end(), same) != name.end();
}

bool is_secret_name(string_view name) {
  for (auto word : {"authorization", "key", "token", "secret", "cookie", "password", "signature"})
    if (has(name, word)) return true;
  return false;
}

/// Names and values of a query whose names say that they are secret.
std::string masked_path(string_view path) {
  const auto query = path.find('?');
  if (query == string_view::npos) return std::string(path);
  std::string out(path.substr(0, query + 1));
  path.remove_prefix(query + 1);
  for (bool first = true; !path.empty(); first = false) {
    const auto item = path.substr(0, path.find('&'));
    path.remove_prefix(std::min(path.size(), item.size() + 1));
    const auto name = item.substr(0, item.find('='));
    if (!first) out += "&";
    is_secret_name(name) ? void(out.append(name).append("=").append(k_mask)) : void(out += item);
  }
  return out;
}

/// "Bearer ***": the scheme of credentials may be read.
std::string masked_value(string_view name, string_view value) {
  if (!is_secret_name(name)) return std::string(value);
  const auto gap = value.find(' ');
  if (!has(name, "authorization") || gap == string_view::npos) return std::string(k_mask);
  return std::string(value.substr(0, gap + 1)).append(k_mask);
}

std::string masked_head(const Wire& wire) {
  auto out = wire.head;
  auto ranges = wire.secret_ranges;
  std::sort(ranges.begin(), ranges.end());
  for (auto range = ranges.rbegin(); range != ranges.rend(); ++range)
    if (range->first <= out.size()) out.replace(range->first, range->second, k_mask);
  return out;
}

std::string url_of(const Wire& wire, string_view path) {
  auto& origin = *wire.origin;
  std::string out = origin.tls ? "https://" : "http://";
  const bool v6 = origin.host.find(':') != std::string::npos;
  out += v6 ? "[" + origin.host + "]" : origin.host;
  if (origin.port != (origin.tls ? 443 : 80)) out += ":" + std::to_string(origin.port);
  return out + masked_path(path);
}

Value headers_of(string_view lines) {
  ValueMap out;
  while (!lines.empty()) {
    const auto end = lines.find("\r\n");
    const auto line = lines.substr(0, end);
    lines.remove_prefix(end == string_view::npos ? lines.size() : end + 2);
    const auto colon = line.find(": ");
    if (colon == string_view::npos) continue;
    const auto name = line.substr(0, colon);
    if (same_text(name, "content-length")) continue;
    set(out, name, Value(masked_value(name, line.substr(colon + 2))));
  }
  return Value(std::move(out));
}

Value answer(Value url, Value body, Value headers, Value error) {
  return Value(ValueMap{{"raw_request_api_base", std::move(url)},
                        {"raw_request_body", std::move(body)},
                        {"raw_request_headers", std::move(headers)},
                        {"error", std::move(error)}});
}

Value describe_wire(const Wire& wire) {
  const auto head = masked_head(wire);
  const auto line_end = std::min(head.find("\r\n"), head.size());
  const auto line = string_view(head).substr(0, line_end);
  const auto begin = line.find(' ') + 1;
  const auto path = line.substr(begin, line.rfind(' ') - begin);
  std::string text;
  for (auto slice : wire.body) text += slice;
  auto body = parse_json(text);
  return answer(Value(url_of(wire, path)), body ? std::move(*body) : Value(std::move(text)),
                headers_of(string_view(head).substr(line_end)), Value());
}

} // namespace

Result<TransformQuestion> read_transform(const Value& request) {
  auto name = text_at(request, "call_type");
  if (name.empty())
    return Error(Errc::invalid_request, "'call_type' must be a string such as \"completion\"");
  auto* body = request.find("request_body");
  if (!body || !body->as_map()) return Error(Errc::invalid_request, "'request_body' must be an object");
  if (name.starts_with('a') && name != "anthropic_messages") name.remove_prefix(1);
  auto type = std::find_if(std::begin(k_call_types), std::end(k_call_types),
                           [name](const CallType& each) { return each.name == name; });
  if (type == std::end(k_call_types))
    return Error(Errc::invalid_request, "'call_type' " + json_string(text_at(request, "call_type")) +
                                            " is not one that can be shown");
  TransformQuestion out;
  out.endpoint = type->endpoint;
  out.model = text_at(*body, "model");
  if (out.model.empty()) return Error(Errc::invalid_request, "'request_body.model' must be a string");
  auto* stream = body->find("stream");
  out.stream = stream && stream->as_bool() && *stream->as_bool();
  out.body = to_json(*body);
  return out;
}

Value transform_request(const TransformQuestion& question, const Target& target, Call call) {
  auto* translator = translator_for(target, question.endpoint);
  if (!translator || target.answers_locally)
    return transform_failure(Error(Errc::bad_request, target.provider + " makes no such request"));
  ObjectScan scan;
  if (auto done = scan_object(question.body, scan); !done) return transform_failure(done.error());
  call.endpoint = question.endpoint, call.json = &scan, call.body = question.body;
  call.content_type = "application/json", call.stream = question.stream;
  if (call.model.empty()) call.model = target.model;
  Wire wire;
  if (auto done = translator->encode(target, call, wire); !done) return transform_failure(done.error());
  return wire.origin ? describe_wire(wire) : transform_failure(Error(Errc::bad_request, "nothing is sent"));
}

Value transform_failure(const Error& error) {
  return answer(Value(), Value(), Value(), Value(error.message));
}

} // namespace switchyard::providers
