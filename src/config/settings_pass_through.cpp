// Setters for routes that are passed on: pass_through_endpoints, files_settings, finetune_settings. Pure.
#include "config/keys_plane.hpp"

#include <switchyard/json.hpp>

#include <algorithm>

namespace switchyard::config {
namespace {

using E = PassThroughEndpoint;

template <auto Member>
Problem put_member(const Value& value, E& out) {
  return read(value, out.*Member);
}

template <std::vector<HeaderLine> E::*Member>
Problem put_lines(const Value& value, E& out) {
  if (!value.as_map()) return expected("a mapping of names to values", value);
  for (auto& [name, part] : *value.as_map()) {
    HeaderLine line{name, {}};
    if (Problem problem = read(part, line.value); !problem.empty()) return name + ": " + problem;
    if (line.value.find_first_of("\r\n") != std::string::npos) return name + ": must not hold a line break";
    (out.*Member).push_back(std::move(line));
  }
  return {};
}

Problem put_methods(const Value& value, E& out) {
  if (Problem problem = read(value, out.methods); !problem.empty()) return problem;
  for (auto& method : out.methods)
    std::transform(method.begin(), method.end(), method.begin(),
                   [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return {};
}

Problem ignore(const Value&, E&) { return {}; }

struct Member {
  std::string_view name;
  Problem (*put)(const Value&, E&);
  bool built = true;
};
constexpr Member k_members[] = {
    {"path", put_member<&E::path>},
    {"target", put_member<&E::target>},
    {"headers", put_lines<&E::headers>},
    {"forward_headers", put_member<&E::forward_headers>},
    {"auth", put_member<&E::auth>},
    {"include_subpath", put_member<&E::include_subpath>},
    {"methods", put_methods},
    {"default_query_params", put_lines<&E::default_query>},
    {"cost_per_request", ignore, false},
    {"guardrails", ignore, false},
    {"timeout", ignore, false},
    {"id", ignore},
    {"is_from_config", ignore},
};

Problem read_endpoint(const Value& value, E& out, Target& target) {
  if (!value.as_map()) return expected("a mapping with path and target", value);
  for (auto& pair : *value.as_map()) {
    const std::string& name = pair.first;
    const Value& part = pair.second;
    if (part.is_null()) continue; // LiteLLM's database has every member
    auto* member =
        std::find_if(std::begin(k_members), std::end(k_members), [&](auto& m) { return m.name == name; });
    if (member == std::end(k_members)) return "unknown member " + name;
    if (!member->built && to_json(part) != "0")
      target.notes.push_back(name +
                             " has no effect yet: these calls are not charged or checked, and wait for "
                             "general_settings.pass_through_request_timeout");
    if (Problem problem = member->put(part, out); !problem.empty()) return name + ": " + problem;
  }
  if (!out.path.starts_with('/')) return "path must begin with /";
  if (!out.target.starts_with("http://") && !out.target.starts_with("https://"))
    return "target must be a URL (adapters of Python code cannot be loaded here)";
  return {};
}

Problem read_provider(const Value& value, ProviderSettings& out) {
  auto text = [&value](std::string_view name, std::string& into) -> Problem {
    auto* part = value.find(name);
    return part ? read(*part, into) : Problem();
  };
  std::string key;
  if (Problem problem = text("custom_llm_provider", out.provider); !problem.empty()) return problem;
  if (Problem problem = text("api_base", out.api_base); !problem.empty()) return problem;
  if (Problem problem = text("api_version", out.api_version); !problem.empty()) return problem;
  if (Problem problem = text("api_key", key); !problem.empty()) return problem;
  if (out.provider.empty()) return "custom_llm_provider is missing";
  out.api_key = Secret(std::move(key));
  return {};
}

Problem read_providers(const Value& value, std::vector<ProviderSettings>& out) {
  for (auto& item : *value.as_list()) {
    ProviderSettings row;
    if (Problem problem = read_provider(item, row); !problem.empty()) return problem;
    out.push_back(std::move(row));
  }
  return {};
}

} // namespace

Problem put_pass_through(const Value& value, Target& target) {
  for (auto& item : *value.as_list()) {
    E endpoint;
    if (Problem problem = read_endpoint(item, endpoint, target); !problem.empty()) return problem;
    target.config->general.pass_through_endpoints.push_back(std::move(endpoint));
  }
  return {};
}

Problem put_files_settings(const Value& value, Target& target) {
  return read_providers(value, target.config->general.files_settings);
}

Problem put_finetune_settings(const Value& value, Target& target) {
  return read_providers(value, target.config->general.finetune_settings);
}

} // namespace switchyard::config
