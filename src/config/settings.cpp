// Setters for settings with a shape of their own: aliases, fallbacks, TLS verification. Pure.
#include "config/keys.hpp"

namespace switchyard::config {
namespace {

Problem read_target(const Value& value, FallbackTarget& out) {
  if (const std::string* name = value.as_string(); name && !name->empty())
    return out.model = *name, Problem();
  if (value.as_int()) return read(value, out.model);
  const ValueMap* map = value.as_map();
  if (!map) return expected("a model name or a mapping with `model`", value);
  for (const auto& [key, member] : *map) {
    if (key != "model")
      out.overrides.push_back({key, to_json(member)});
    else if (Problem problem = read(member, out.model); !problem.empty())
      return "model: " + problem;
  }
  return out.model.empty() ? "a fallback needs a `model`" : Problem();
}

Problem read_targets(const Value& value, std::vector<FallbackTarget>& out) {
  const ValueList single{value};
  for (const Value& item : value.as_list() ? *value.as_list() : single) {
    if (item.is_null()) continue;
    FallbackTarget target;
    if (Problem problem = read_target(item, target); !problem.empty()) return problem;
    out.push_back(std::move(target));
  }
  return {};
}

Problem read_rules(const ValueMap& map, std::vector<FallbackRule>& out) {
  for (const auto& [group, targets] : map) {
    FallbackRule rule{group, {}};
    if (Problem problem = read_targets(targets, rule.targets); !problem.empty())
      return group + ": " + problem;
    if (!rule.targets.empty()) out.push_back(std::move(rule));
  }
  return {};
}

Problem read_alias(const std::string& alias, const Value& value, GroupAlias& out) {
  out.alias = alias;
  if (!value.as_map()) return read(value, out.model);
  if (const Value* hidden = value.find("hidden"); hidden && !hidden->is_null())
    if (Problem problem = read(*hidden, out.hidden); !problem.empty()) return "hidden: " + problem;
  const Value* model = value.find("model");
  return model ? read(*model, out.model) : "expected a model group or a mapping with `model`";
}

} // namespace

Problem put_master_key(const Value& value, Target& target) {
  Problem problem = read(value, target.config->general.master_key);
  if (problem.empty() && !target.config->general.master_key.reveal().starts_with("sk-"))
    target.notes.push_back("a master key should start with sk-");
  return problem;
}

Problem put_request_timeout(const Value& value, Target& target) {
  double number = 0;
  Problem problem = read(value, number);
  if (problem.empty() && number > 0) target.config->router.request_timeout = number;
  return problem;
}

Problem put_group_alias(const Value& value, Target& target) {
  const ValueMap* map = value.as_map();
  if (!map) return expected("a mapping of aliases to model groups", value);
  std::vector<GroupAlias> aliases;
  for (const auto& [name, content] : *map) {
    if (content.is_null()) continue;
    GroupAlias alias;
    if (Problem problem = read_alias(name, content, alias); !problem.empty()) return name + ": " + problem;
    aliases.push_back(std::move(alias));
  }
  target.config->router.model_group_alias = std::move(aliases);
  return {};
}

Problem read_fallbacks(const Value& value, std::vector<FallbackRule>& out) {
  if (const ValueMap* map = value.as_map()) return read_rules(*map, out);
  const ValueList* list = value.as_list();
  if (!list) return expected("a list like [{\"group\": [\"other group\"]}]", value);
  for (const Value& item : *list) {
    if (item.is_null()) continue;
    const ValueMap* map = item.as_map();
    if (!map) return expected("a mapping like {\"group\": [\"other group\"]}", item);
    if (Problem problem = read_rules(*map, out); !problem.empty()) return problem;
  }
  return {};
}

Problem put_default_fallbacks(const Value& value, Target& target) {
  std::vector<FallbackTarget> targets;
  Problem problem = read_targets(value, targets);
  if (problem.empty()) target.default_fallbacks = std::move(targets);
  return problem;
}

Problem put_polling(const Value&, Target& target) {
  target.notes.push_back("has no effect: nothing polls here, a row with room wakes the request that waits");
  return {};
}

Problem put_shared_health_check(const Value& value, Target& target) {
  bool& wanted = target.config->health.shared;
  Problem problem = read(value, wanted);
  if (wanted) target.notes.push_back("needs redis, which is not built: every instance makes its own checks");
  return problem;
}

Problem put_model_group_settings(const Value& value, Target& target) {
  const ValueMap* map = value.as_map();
  if (!map) return expected("a mapping", value);
  for (const auto& entry : *map) {
    if (entry.second.is_null()) continue;
    if (entry.first != "forward_client_headers_to_llm_api") {
      target.notes.push_back(entry.first + " is not known here and is ignored");
      continue;
    }
    Problem problem = read(entry.second, target.config->litellm.forward_headers_groups);
    if (!problem.empty()) return entry.first + ": " + problem;
  }
  return {};
}

Problem put_ssl_verify(const Value& value, Target& target) {
  std::string& out = target.config->litellm.ssl_verify;
  bool flag = true;
  if (read(value, flag).empty()) {
    // "true" asks to verify; it must not undo a CA bundle given by SSL_CERT_FILE.
    if (!flag || out == "false") out = flag ? "true" : "false";
    return {};
  }
  if (const std::string* path = value.as_string(); path && !path->empty()) return out = *path, Problem();
  return expected("true, false or the path of a CA bundle", value);
}

} // namespace switchyard::config
