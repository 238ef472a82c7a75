// Rules about a request's own fields. Pure.
#include "http/access/request_rules.hpp"

#include <switchyard/ascii.hpp>

#include <algorithm>
#include <array>

namespace switchyard::http::access {

namespace {

constexpr std::size_t k_longest_user = 1024;

std::string_view next_part(std::string_view& path) {
  const auto dot = path.find('.');
  const auto part = path.substr(0, dot);
  path.remove_prefix(dot == std::string_view::npos ? path.size() : dot + 1);
  return part;
}

Error missing(std::string_view shown) {
  return auth_refusal("BadRequest please pass param=" + std::string(shown) +
                      " in request body. This is a required param");
}

/// "metadata.generation_name" with everything on the way there.
Result<void> check_param(std::string_view path, const BodyField& field) {
  auto part = next_part(path);
  auto raw = field(part);
  if (!raw) return missing(part);
  std::string shown = "[" + std::string(part) + "]";
  while (!path.empty()) {
    part = next_part(path);
    shown += "[" + std::string(part) + "]";
    ObjectScan inner;
    const bool object = raw->starts_with('{') && scan_object(*raw, inner);
    const auto* member = object ? inner.find(part) : nullptr;
    if (!member) return missing(shown);
    raw = inner.raw(*member);
  }
  return {};
}

std::string text_of(std::string_view raw) {
  if (raw.starts_with('"')) {
    auto text = unescape(raw);
    return text ? std::move(*text) : std::string();
  }
  return as_int(raw) ? std::string(raw) : std::string();
}

std::string member_text(const ObjectScan& object, std::string_view name) {
  const auto* field = object.find(name);
  return field ? text_of(object.raw(*field)) : std::string();
}

std::string inner_text(const ObjectScan& object, std::string_view name, std::string_view member) {
  const auto* field = object.find(name);
  ObjectScan inner;
  if (!field || field->kind != JsonKind::object || !scan_object(object.raw(*field), inner)) return {};
  return member_text(inner, member);
}

std::string from_headers(const HeaderList& headers, const PlaneSettings& settings) {
  for (std::string_view name : {"x-litellm-customer-id", "x-litellm-end-user-id"})
    if (auto value = trim(headers.find(name)); !value.empty()) return std::string(value);
  for (auto& mapping : settings.user_header_mappings)
    if (mapping.role == "customer")
      if (auto value = trim(headers.find(mapping.header_name)); !value.empty()) return std::string(value);
  if (settings.user_header_name.empty()) return {};
  return std::string(trim(headers.find(settings.user_header_name)));
}

std::string from_body(const ObjectScan& body) {
  if (auto user = member_text(body, "user"); !user.empty()) return user;
  if (auto user = inner_text(body, "litellm_metadata", "user"); !user.empty()) return user;
  if (auto user = inner_text(body, "metadata", "user_id"); !user.empty()) return user;
  return member_text(body, "safety_identifier");
}

void add_once(std::vector<std::string>& out, std::string tag) {
  if (!tag.empty() && std::find(out.begin(), out.end(), tag) == out.end()) out.push_back(std::move(tag));
}

} // namespace

Result<void> check_enforced(const std::vector<std::string>& params, const BodyField& field) {
  for (auto& param : params)
    if (auto present = check_param(param, field); !present) return present.error();
  return {};
}

Result<std::string> end_user_of(const HeaderList& headers, const ObjectScan* body,
                                const PlaneSettings& settings) {
  auto user = from_headers(headers, settings);
  if (user.empty() && body) user = from_body(*body);
  if (user.size() <= k_longest_user) return user;
  Error error(Errc::invalid_request, "user: must be at most 1024 bytes");
  error.extra().param = "user";
  return error;
}

std::vector<std::string> merge_tags(const Identity* identity, const HeaderList& headers,
                                    std::vector<std::string> of_client, const PlaneSettings& settings) {
  std::vector<std::string> out;
  if (identity) {
    for (auto& tag : identity->key->tags) add_once(out, tag);
    if (identity->team)
      for (auto& tag : identity->team->tags) add_once(out, tag);
  }
  for (auto& tag : of_client) add_once(out, std::move(tag));
  if (auto agent = headers.find("user-agent"); !agent.empty() && !settings.disable_user_agent_tag)
    add_once(out, "User-Agent: " + std::string(agent));
  for (auto& name : settings.extra_spend_tag_headers)
    if (auto value = trim(headers.find(name)); !value.empty())
      add_once(out, name + ": " + std::string(value));
  return out;
}

} // namespace switchyard::http::access
