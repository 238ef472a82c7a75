// Replies and errors in LiteLLM's shapes. Pure, any thread.
#include "management/answer.hpp"

#include <switchyard/ascii.hpp>
#include <switchyard/json_scan.hpp>

#include <algorithm>
#include <charconv>

namespace switchyard::management {
namespace {

Value text(std::string_view value) { return Value(std::string(value)); }

int hex(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char low = static_cast<char>(c | 0x20);
  return low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

std::string decode(std::string_view raw) {
  std::string out;
  for (std::size_t i = 0; i < raw.size(); ++i) {
    if (raw[i] == '%' && i + 2 < raw.size() && hex(raw[i + 1]) >= 0 && hex(raw[i + 2]) >= 0)
      out += static_cast<char>(hex(raw[i + 1]) * 16 + hex(raw[i + 2])), i += 2;
    else
      out += raw[i] == '+' ? ' ' : raw[i];
  }
  return out;
}

template <class F>
void each_parameter(std::string_view query, F&& take) {
  while (!query.empty()) {
    const auto part = query.substr(0, query.find('&'));
    query.remove_prefix(std::min(query.size(), part.size() + 1));
    const auto equals = part.find('=');
    take(decode(part.substr(0, equals)),
         equals == std::string_view::npos ? std::string() : decode(part.substr(equals + 1)));
  }
}

} // namespace

Reply ok(const Value& body) {
  Reply reply;
  reply.body = to_json(body);
  return reply;
}

Reply refuse(int status, std::string_view message, std::string_view type, std::string_view param) {
  ValueMap inner{{"message", text(message)},
                 {"type", text(type)},
                 {"param", param.empty() ? Value() : text(param)},
                 {"code", Value(std::to_string(status))}};
  Reply reply;
  reply.status = status;
  reply.body = to_json(Value(ValueMap{{"error", Value(std::move(inner))}}));
  return reply;
}

Reply refuse_detail(int status, std::string_view detail, std::string_view type) {
  // Python prints the detail's dict; its quotes are double where the text holds single ones.
  const char quote =
      detail.find('\'') != std::string_view::npos && detail.find('"') == std::string_view::npos ? '"' : '\'';
  return refuse(status, "{'error': " + (quote + std::string(detail) + quote) + "}", type);
}

Reply invalid(std::string_view where, std::string_view field, std::string_view message,
              std::string_view type) {
  ValueMap problem{{"type", text(type)},
                   {"loc", Value(ValueList{text(where), text(field)})},
                   {"msg", text(message)},
                   {"input", Value()}};
  Reply reply;
  reply.status = 422;
  reply.body = to_json(Value(ValueMap{{"detail", Value(ValueList{Value(std::move(problem))})}}));
  return reply;
}

Reply failed(const Error& error) {
  if (error.code == Errc::unavailable)
    return refuse(503, "Service Unavailable, the database cannot be reached: " + error.message,
                  "no_db_connection");
  return refuse(500, "Internal Server Error, " + error.message);
}

bool read_object(const Call& call, Value& out, Reply& reply) {
  out = Value(ValueMap{});
  if (trim(call.body).empty()) return true;
  auto parsed = parse_json(call.body);
  if (ObjectScan scan; !parsed && scan_object(call.body, scan) && !scan.trailing_commas.empty())
    parsed = parse_json(remove_commas(scan)); // the curl examples of LiteLLM's documentation have them
  if (!parsed) {
    reply = invalid("body", "0", "JSON decode error: " + parsed.error().message, "json_invalid");
    return false;
  }
  if (!parsed->as_map()) {
    reply = invalid("body", "0", "Input should be a valid dictionary or object", "model_attributes_type");
    return false;
  }
  out = std::move(*parsed);
  return true;
}

std::optional<std::string> query_text(const Call& call, std::string_view name) {
  std::optional<std::string> found;
  each_parameter(call.query, [&](std::string key, std::string value) {
    if (!found && key == name) found = std::move(value);
  });
  return found;
}

std::vector<std::string> query_texts(const Call& call, std::string_view name) {
  std::vector<std::string> out;
  each_parameter(call.query, [&](const std::string& key, const std::string& value) {
    if (key != name) return;
    std::string_view rest = value;
    while (!rest.empty()) {
      const auto part = rest.substr(0, rest.find(','));
      if (!trim(part).empty()) out.emplace_back(trim(part));
      rest.remove_prefix(std::min(rest.size(), part.size() + 1));
    }
  });
  return out;
}

bool query_number(const Call& call, std::string_view name, std::int64_t fallback, std::int64_t least,
                  std::int64_t most, std::int64_t& out, Reply& reply) {
  out = fallback;
  const auto given = query_text(call, name);
  if (!given || given->empty()) return true;
  auto [end, problem] = std::from_chars(given->data(), given->data() + given->size(), out);
  if (problem != std::errc() || end != given->data() + given->size()) {
    reply = invalid("query", name, "Input should be a valid integer, unable to parse string as an integer",
                    "int_parsing");
    return false;
  }
  if (out < least || out > most) {
    reply = invalid("query", name,
                    "Input should be between " + std::to_string(least) + " and " + std::to_string(most),
                    out < least ? "greater_than_equal" : "less_than_equal");
    return false;
  }
  return true;
}

bool query_flag(const Call& call, std::string_view name, bool fallback) {
  const auto given = query_text(call, name);
  if (!given) return fallback;
  return same_text(*given, "true") || *given == "1" || same_text(*given, "yes") || same_text(*given, "on");
}

} // namespace switchyard::management
