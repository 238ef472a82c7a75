// Understands a request just enough to answer it; runs on the mock's only thread.
#include "call.hpp"

#include "json.hpp"

namespace switchyard::mock {
namespace {

/// The path segment after `marker`, as Azure and the old engines routes carry the model.
std::string_view segment_after(std::string_view path, std::string_view marker) {
  auto at = path.find(marker);
  if (at == path.npos) return {};
  auto rest = path.substr(at + marker.size());
  return rest.substr(0, rest.find('/'));
}

std::string_view path_model(std::string_view path) {
  for (std::string_view marker : {"/deployments/", "/engines/"})
    if (auto model = segment_after(path, marker); !model.empty()) return model;
  return {};
}

std::string_view query_value(std::string_view query, std::string_view name) {
  while (!query.empty()) {
    auto end = query.find('&');
    auto pair = query.substr(0, end);
    if (pair.starts_with(name) && pair.size() > name.size() && pair[name.size()] == '=')
      return pair.substr(name.size() + 1);
    query = end == query.npos ? std::string_view{} : query.substr(end + 1);
  }
  return {};
}

void read_json(Call& call, simdjson::dom::parser& parser) {
  auto body = call.request->body;
  if (auto first = body.find_first_not_of(" \t\r\n"); first == body.npos || body[first] != '{') return;
  call.has_json = parser.parse(body.data(), body.size()).get(call.json) == simdjson::SUCCESS;
  if (!call.has_json) return;
  call.model = text_of(call, "model");
  call.stream = flag_of(call, "stream");
  bool usage = false;
  if (call.stream && call.json["stream_options"]["include_usage"].get(usage) == simdjson::SUCCESS)
    call.include_usage = usage;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

/// Headers as an object with lower-case names; repeated ones are joined, as RFC 9110 allows.
void append_headers(std::string& out, const std::vector<Header>& headers) {
  std::vector<std::pair<std::string, std::string>> joined;
  for (const auto& h : headers) {
    auto name = lower_case(h.name);
    bool found = false;
    for (auto& [known, value] : joined)
      if (known == name) value.append(", ").append(h.value), found = true;
    if (!found) joined.emplace_back(std::move(name), h.value);
  }
  const char* comma = "";
  for (const auto& [name, value] : joined) {
    out += comma;
    append_string(out, name);
    out += ':';
    append_string(out, value);
    comma = ",";
  }
}

} // namespace

Call read_call(const Request& request, simdjson::dom::parser& parser) {
  Call call;
  call.request = &request;
  auto type = request.header("content-type");
  if (type.starts_with("multipart/")) {
    call.model = form_field(request.body, "model");
    call.stream = form_field(request.body, "stream") == "true";
  } else {
    read_json(call, parser);
  }
  if (call.model.empty()) call.model = path_model(request.path);
  apply_model(call.behaviour, call.model);
  apply_words(call.behaviour, request.header("x-mock"));
  apply_words(call.behaviour, query_value(request.query, "mock"));
  return call;
}

std::string_view form_field(std::string_view body, std::string_view name) {
  std::string marker = "name=\"" + std::string(name) + "\"";
  auto at = body.find(marker);
  if (at == body.npos) return {};
  auto begin = body.find("\r\n\r\n", at);
  if (begin == body.npos) return {};
  return body.substr(begin + 4, body.find("\r\n", begin + 4) - begin - 4);
}

std::string_view text_of(const Call& call, const char* key, std::string_view fallback) {
  std::string_view value;
  return call.has_json && call.json[key].get(value) == simdjson::SUCCESS ? value : fallback;
}

std::uint64_t count_of(const Call& call, const char* key, std::uint64_t fallback) {
  std::uint64_t value = 0;
  return call.has_json && call.json[key].get(value) == simdjson::SUCCESS ? value : fallback;
}

bool flag_of(const Call& call, const char* key, bool fallback) {
  bool value = false;
  return call.has_json && call.json[key].get(value) == simdjson::SUCCESS ? value : fallback;
}

std::string echo_json(const Call& call) {
  const auto& r = *call.request;
  std::string out = "{\"method\":" + json_text(r.method) + ",\"path\":" + json_text(r.path) +
                    ",\"query\":" + json_text(r.query) + ",\"headers\":{";
  append_headers(out, r.headers);
  out += "},\"header_list\":[";
  const char* comma = "";
  for (const auto& h : r.headers) {
    out.append(comma).append("[");
    append_string(out, h.name);
    out += ',';
    append_string(out, h.value);
    out += ']';
    comma = ",";
  }
  out += "],\"body\":";
  append_string(out, r.body);
  out += ",\"json\":";
  out += call.has_json ? r.body : std::string_view("null");
  return out + "}";
}

} // namespace switchyard::mock
