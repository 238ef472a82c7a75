// The access rules put to one LLM request. Shard code.
#include "http/access/llm_access.hpp"

#include "http/access/models.hpp"
#include "http/access/request_rules.hpp"
#include "http/access/token_identity.hpp"
#include "http/access/who_pays.hpp"
#include "http/fallback_json.hpp"
#include "http/route_facts.hpp"

#include <switchyard/multipart.hpp>
#include <switchyard/provider.hpp>

#include <algorithm>

namespace switchyard::http::access {

namespace {

// -- models

/// A name as the routing snapshot sees it.
class RoutedModel final : public ModelQuestion {
 public:
  RoutedModel(std::string_view name, Resolved resolved)
      : ModelQuestion(name, plain_name(resolved)), resolved_(std::move(resolved)) {}

  bool in_access_group(std::string_view group) const override {
    if (!resolved_.group) return false;
    auto& rows = resolved_.group->deployments;
    return std::any_of(rows.begin(), rows.end(),
                       [&](const DeploymentPtr& row) { return lists_group(row->row, group); });
  }
  std::string with_provider() const override {
    if (!resolved_.group || resolved_.group->deployments.empty()) return {};
    auto& row = *resolved_.group->deployments.front();
    if (!row.target || !(row.pattern || is_own_name(row.row.params.model))) return {};
    return row.target->provider + "/" + std::string(name());
  }

 private:
  static std::string_view plain_name(const Resolved& resolved) {
    return resolved.group && !resolved.group->pattern ? std::string_view(resolved.group->name)
                                                      : std::string_view();
  }
  static bool lists_group(const ModelRow& row, std::string_view group) {
    for (auto& [key, value] : row.model_info) {
      if (key != "access_groups" || !value.as_list()) continue;
      return std::any_of(value.as_list()->begin(), value.as_list()->end(), [&](const Value& entry) {
        return entry.as_string() && *entry.as_string() == group;
      });
    }
    return false;
  }
  /// "openai/gpt-4o" or "gpt-4o" for the name "gpt-4o"
  bool is_own_name(std::string_view model) const {
    return model == name() || (model.size() > name().size() && model.ends_with(name()) &&
                               model[model.size() - name().size() - 1] == '/');
  }
  Resolved resolved_;
};

RoutedModel routed(const RequestContext& context, std::string_view name) {
  auto resolved = context.resolve(name);
  if (name.empty() && resolved.group) name = resolved.group->name; // the 2023 form: the first model
  return RoutedModel(name, std::move(resolved));
}

Result<void> check_model(const RequestContext& context, std::string_view asked) {
  auto& identity = *context.identity;
  const auto first = routed(context, asked);
  const auto called_name = resolve_alias(identity, first.name());
  const auto called = routed(context, called_name);
  const ModelPair pair{first, called};
  if (auto key = check_key_model(identity, pair); !key) return key.error();
  return check_owner_models(identity, pair);
}

/// The client's fallbacks are models that it asks for: what is allowed is what its aliases call.
Result<void> check_fallbacks(const RequestContext& context, LlmRequest& request) {
  for (auto* rules :
       {&request.fallbacks, &request.context_window_fallbacks, &request.content_policy_fallbacks}) {
    if (!*rules) continue;
    for (auto& rule : **rules)
      for (auto& target : rule.targets) {
        if (auto open = check_model(context, target.model); !open) return open.error();
        target.model = std::string(resolve_alias(*context.identity, target.model));
      }
  }
  return {};
}

// -- fields of the request

bool has_field(const LlmRequest& request, std::string_view name) {
  return request.json && request.scan.find(name) != nullptr;
}

BodyField field_reader(const LlmRequest& request) {
  return [&request](std::string_view name) -> std::optional<std::string_view> {
    if (request.json) {
      const auto* field = request.scan.find(name);
      if (!field) return std::nullopt;
      return request.scan.raw(*field);
    }
    auto parts = parse_multipart(request.body, request.content_type);
    if (parts)
      for (auto& part : *parts)
        if (part.name == name) return std::string_view(part.content);
    return std::nullopt;
  };
}

Result<void> check_required(const RequestContext& context, const LlmRequest& request) {
  auto& settings = plane_of(context.config);
  const auto* key = context.identity ? context.identity->key.get() : nullptr;
  const bool service = key && key->service_account && !settings.service_account_enforced_params.empty();
  if (settings.enforced_params.empty() && !service && (!key || key->enforced_params.empty())) return {};
  const auto field = field_reader(request);
  if (auto done = check_enforced(settings.enforced_params, field); !done) return done.error();
  if (service)
    if (auto done = check_enforced(settings.service_account_enforced_params, field); !done)
      return done.error();
  return key ? check_enforced(key->enforced_params, field) : Result<void>();
}

Result<void> check_user_param(const RequestContext& context, const LlmRequest& request) {
  if (!plane_of(context.config).enforce_user_param || field_reader(request)("user")) return {};
  return auth_refusal("'user' param not passed in. 'enforce_user_param'=True");
}

/// team metadata.guardrails.modify_guardrails: false
Result<void> check_guardrails(const Identity& identity, const LlmRequest& request) {
  const auto* rules = identity.team ? identity.team->metadata.find("guardrails") : nullptr;
  const auto* modify = rules ? rules->find("modify_guardrails") : nullptr;
  if (!modify || !modify->as_bool() || *modify->as_bool() || !has_field(request, "guardrails")) return {};
  return forbidden("Your team does not have permission to modify guardrails.");
}

Result<void> check_project(const Identity& identity) {
  if (identity.project && identity.project->blocked)
    return auth_refusal("Project=" + identity.project->id +
                        " is blocked. Update via `/project/update` if you're an admin.");
  return {};
}

/// Whether some identity may call the request's model.
std::function<bool(const Identity&)> models_open(const RequestContext& context, const LlmRequest& request) {
  return [&context, &request](const Identity& identity) {
    const auto asked = routed(context, request.model);
    const auto called = routed(context, resolve_alias(identity, asked.name()));
    return opens_model(identity, ModelPair{asked, called});
  };
}

Result<void> check_identity(const RequestContext& context, LlmRequest& request) {
  auto& identity = *context.identity;
  if (auto done = check_project(identity); !done) return done.error();
  if (auto done =
          choose_team(identity, context.shard.identities, request.model, models_open(context, request));
      !done)
    return done.error();
  if (auto done = check_model(context, request.model); !done) return done.error();
  if (auto done = check_fallbacks(context, request); !done) return done.error();
  if (auto done = check_user_param(context, request); !done) return done.error();
  if (auto done = check_guardrails(identity, request); !done) return done.error();
  request.asked_model = request.model;
  if (auto target = resolve_alias(identity, request.model); target != request.model)
    request.model = std::string(target);
  return {};
}

// -- what a key or its team says about fallbacks and retries (router_settings, metadata.disable_fallbacks)

/// The rules where the client has none.
Result<void> take_rules(const Value& settings, const char* name,
                        std::optional<std::vector<FallbackRule>>& out) {
  const auto* rules = settings.find(name);
  if (out || !rules || rules->is_null()) return {};
  auto read = parse_fallbacks(to_json(*rules), std::string("router_settings.") + name);
  if (!read) return read.error();
  return out = std::move(*read), Result<void>();
}

Result<void> take_router_settings(const Value& settings, LlmRequest& request) {
  if (!settings.as_map()) return {};
  if (auto done = take_rules(settings, "fallbacks", request.fallbacks); !done) return done;
  if (auto done = take_rules(settings, "context_window_fallbacks", request.context_window_fallbacks); !done)
    return done;
  if (auto done = take_rules(settings, "content_policy_fallbacks", request.content_policy_fallbacks); !done)
    return done;
  double number = 0;
  const auto given = [&](const char* name) {
    const auto* value = settings.find(name);
    return value && value->number(number) && number >= 0;
  };
  constexpr double k_most_retries = 100, k_longest = 1e6;
  if (!request.num_retries && given("num_retries"))
    request.num_retries = static_cast<int>(std::min(number, k_most_retries));
  if (!request.timeout && given("timeout") && number > 0) request.timeout = std::min(number, k_longest);
  return {};
}

bool disables_fallbacks(const Value& metadata) {
  const auto* value = metadata.find("disable_fallbacks");
  return value && value->as_bool() && *value->as_bool();
}

/// Key before team; what the request itself says goes before both.
Result<void> take_own_routing(const Identity& identity, LlmRequest& request) {
  if (auto done = take_router_settings(identity.key->router_settings, request); !done) return done;
  if (identity.team)
    if (auto done = take_router_settings(identity.team->router_settings, request); !done) return done;
  if (disables_fallbacks(identity.key->metadata)) request.disable_fallbacks = true;
  return {};
}

// -- customers and tags

std::shared_ptr<const CustomerRecord> known_customer(const RequestContext& context, std::string_view id) {
  if (auto record = context.shard.identities.customer_ptr(id)) return record;
  const auto* known = context.shard.customers.find(id, context.shard.now());
  return known ? known->record : nullptr;
}

Result<void> take_customer(const RequestContext& context, LlmRequest& request) {
  if (request.end_user.empty()) return {};
  request.customer = known_customer(context, request.end_user);
  if (!request.customer) return {};
  auto& customer = *request.customer;
  if (customer.blocked) {
    Error error(Errc::invalid_request, "User blocked from making LLM API Calls. User=" + request.end_user);
    error.extra().type = error.extra().param = "None";
    return error;
  }
  if (!customer.allowed_region.empty()) request.allowed_region = customer.allowed_region;
  if (!customer.default_model.empty() && request.model.empty()) request.model = customer.default_model;
  return {};
}

/// metadata.tags of a project, for the choice of a row.
void add_project_tags(const ProjectRecord& project, std::vector<std::string>& tags) {
  const auto* own = project.metadata.find("tags");
  if (!own || !own->as_list()) return;
  for (const auto& tag : *own->as_list())
    if (tag.as_string()) tags.push_back(*tag.as_string());
}

/// For spend, and with enable_tag_filtering for the choice of a row.
Result<void> take_tags(const RequestContext& context, LlmRequest& request) {
  auto of_client = may_tag(context) ? client_tags(request, context.exchange.head)
                                    : Result<std::vector<std::string>>(std::vector<std::string>());
  if (!of_client) return of_client.error();
  const auto* identity = context.identity.get();
  if (context.config.router.enable_tag_filtering && identity) {
    auto& tags = request.tags;
    tags.insert(tags.end(), identity->key->tags.begin(), identity->key->tags.end());
    if (identity->team) tags.insert(tags.end(), identity->team->tags.begin(), identity->team->tags.end());
    if (identity->project) add_project_tags(*identity->project, tags);
  }
  request.spend_tags =
      merge_tags(identity, context.exchange.head.headers, std::move(*of_client), plane_of(context.config));
  return {};
}

const EntityPtr& proxy_entity(RequestContext& context) {
  auto& budget = context.shard.proxy_budget;
  auto& settings = context.config.plane;
  if (budget.settings != settings.get())
    budget = {make_proxy_entity(plane_of(context.config), context.shard.identities), settings.get()};
  return budget.entity;
}

} // namespace

bool may_tag(const RequestContext& context) {
  if (context.config.general.allow_client_tags || context.is_master) return true;
  const auto allows = [](const Value& metadata) {
    const auto* flag = metadata.find("allow_client_tags");
    return flag && flag->as_bool() && *flag->as_bool();
  };
  const auto* identity = context.identity.get();
  return identity &&
         (allows(identity->key->metadata) || (identity->team && allows(identity->team->metadata)));
}

bool customer_unknown(const RequestContext& context, const LlmRequest& request) {
  auto& id = request.end_user;
  if (id.empty() || !context.shard.plane) return false;
  auto& records = context.shard.identities;
  if (records.customer(id)) return false;
  auto& settings = plane_of(context.config);
  const bool all_limited = settings.max_end_user_budget || !settings.max_end_user_budget_id.empty();
  if (records.complete() && !all_limited) return false; // those with limits are all there
  return !context.shard.customers.find(id, context.shard.now());
}

aw<> find_customer(RequestContext& context, LlmRequest& request) {
  FindCustomer query;
  query.id = request.end_user;
  FoundCustomer found =
      co_await ask(context.shard.plane->customers, std::move(query), context.shard.executor());
  if (found.error == Errc::none)
    context.shard.customers.add(request.end_user, std::move(found.customer), context.shard.now());
}

Result<void> check_llm_access(RequestContext& context, LlmRequest& request) {
  const bool plane = context.shard.plane != nullptr;
  if (plane)
    if (auto done = take_customer(context, request); !done) return done.error();
  if (context.identity)
    if (auto done = check_identity(context, request); !done) return done.error();
  if (context.identity) // behind the checks: what an administrator wrote needs none
    if (auto done = take_own_routing(*context.identity, request); !done) return done.error();
  if (auto done = check_required(context, request); !done) return done.error();
  return plane ? take_tags(context, request) : Result<void>();
}

std::vector<EntityPtr> payers_of(RequestContext& context, const LlmRequest& request) {
  if (!context.shard.plane) return {};
  Payers payers;
  payers.identity = context.identity.get();
  payers.asked = request.asked_model, payers.called = request.model;
  payers.customer = request.customer.get();
  auto& settings = plane_of(context.config);
  if (context.shard.identities.has_tags() || !settings.tag_budgets.empty())
    payers.tags = &request.spend_tags, payers.records = &context.shard.identities,
    payers.settings = &settings;
  payers.proxy = proxy_entity(context);
  return who_pays(payers);
}

bool may_use_model(const RequestContext& context, std::string_view model) {
  if (!context.identity) return true;
  if (const auto group = context.resolve(model).group; group && context.identity->role != "proxy_admin") {
    const auto theirs = [&](const DeploymentPtr& row) {
      return !row->row.team_id.empty() && row->row.team_id != context.identity->team_id();
    };
    if (std::all_of(group->deployments.begin(), group->deployments.end(), theirs)) return false;
  }
  const auto asked = routed(context, model);
  const auto called = routed(context, resolve_alias(*context.identity, model));
  return opens_model(*context.identity, ModelPair{asked, called});
}

management::Caller caller_of(const RequestContext& context) {
  management::Caller caller;
  if (context.is_master) {
    caller.is_master = true, caller.role = "proxy_admin";
    caller.user_id = plane_of(context.config).admin_user_id;
  }
  if (!context.identity) {
    if (context.config.general.master_key.empty()) caller.role = "internal_user"; // an open gateway
    return caller;
  }
  auto& identity = *context.identity;
  caller.role = identity.role, caller.user_id = identity.user_id(), caller.team_id = identity.team_id();
  caller.organization_id = identity.key->organization_id;
  if (!identity.virtual_key) return caller;
  caller.key = identity.key, caller.key_hash = identity.hash();
  return caller;
}

} // namespace switchyard::http::access
