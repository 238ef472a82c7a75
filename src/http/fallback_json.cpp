// Parses the request's fallbacks.
#include "http/fallback_json.hpp"

#include <switchyard/json_scan.hpp>

namespace switchyard::http {

namespace {

Error wrong_shape(std::string_view field) {
  Error error;
  error.code = Errc::invalid_request;
  error.message = std::string(field) + " must be a list of model names, of objects with a \"model\", or of "
                                       "{\"group\": [\"model\", ...]} objects";
  error.extra().param = field;
  return error;
}

bool is_array(std::string_view json) { return json.starts_with('['); }

Result<FallbackTarget> parse_target(std::string_view json, std::string_view field) {
  FallbackTarget target;
  if (json.starts_with('"')) {
    auto name = unescape(json);
    if (!name) return wrong_shape(field);
    target.model = *name;
    return target;
  }
  ObjectScan scan;
  if (!json.starts_with('{') || !scan_object(json, scan)) return wrong_shape(field);
  for (auto& member : scan.fields) {
    if (member.key != "model") {
      target.overrides.push_back({std::string(member.key), std::string(scan.raw(member))});
      continue;
    }
    auto name = unescape(scan.raw(member));
    if (member.kind != JsonKind::string || !name) return wrong_shape(field);
    target.model = *name;
  }
  if (target.model.empty()) return wrong_shape(field);
  return target;
}

Result<FallbackRule> parse_group(std::string_view group, std::string_view json, std::string_view field) {
  FallbackRule rule;
  rule.group = group;
  if (!is_array(json)) return wrong_shape(field);
  std::string_view element;
  for (std::size_t at = 0; next_element(json, at, element);) {
    auto target = parse_target(element, field);
    if (!target) return target.error();
    rule.targets.push_back(std::move(*target));
  }
  return rule;
}

} // namespace

Result<std::vector<FallbackRule>> parse_fallbacks(std::string_view json, std::string_view field) {
  std::vector<FallbackRule> rules;
  FallbackRule all;
  all.group = "*";
  if (!is_array(json)) return wrong_shape(field);
  std::string_view element;
  for (std::size_t at = 0; next_element(json, at, element);) {
    ObjectScan scan;
    bool map = element.starts_with('{');
    if (map && !scan_object(element, scan)) return wrong_shape(field);
    if (!map || scan.find("model")) {
      auto target = parse_target(element, field);
      if (!target) return target.error();
      all.targets.push_back(std::move(*target));
      continue;
    }
    for (auto& member : scan.fields) {
      auto rule = parse_group(member.key, scan.raw(member), field);
      if (!rule) return rule.error();
      rules.push_back(std::move(*rule));
    }
  }
  if (!all.targets.empty()) rules.push_back(std::move(all));
  return rules;
}

} // namespace switchyard::http
