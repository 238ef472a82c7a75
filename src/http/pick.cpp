// Queries to a group and the words for its refusals. Shard code.
#include "http/pick.hpp"

#include "http/access/identity.hpp"
#include "http/auth.hpp"
#include "http/route_facts.hpp"

#include <switchyard/route_budgets.hpp>

#include <algorithm>
#include <functional>

namespace switchyard::http {

namespace {

// -- what the query says

std::shared_ptr<const PickWants> make_wants(const CallState& call) {
  auto wants = std::make_shared<PickWants>();
  wants->tags = call.request.tags;
  auto& prefix = call.context.config.router.tag_routing_prefix;
  for (auto& tag : wants->tags)
    if (tag.starts_with(prefix)) tag.erase(0, prefix.size());
  wants->region = call.request.allowed_region;
  wants->response_format = !call.context.config.litellm.drop_params && has_response_format(call.request);
  if (call.context.identity) wants->team = call.context.identity->team_id();
  if (auto agent = call.context.exchange.head.find("user-agent"); !agent.empty())
    wants->user_agent = "User-Agent: " + std::string(agent);
  return wants;
}

/// Who shall stay on one row: the session before the key. 0 = nobody.
std::uint64_t asker(const CallState& call, const Group& group) {
  auto& checks = affinity_of(call.context.config.router, group.name);
  auto& head = call.context.exchange.head;
  const std::hash<std::string> hash;
  if (checks.session)
    if (auto session = session_of(call.request, head); !session.empty()) return hash(session);
  if (checks.deployment)
    if (auto key = presented_key(head, call.context.config.general.litellm_key_header_name);
        !key.value.empty())
      return hash(key.value);
  return 0;
}

/// The row that made the response that this one follows: the conversation is there. -1 = any.
std::int32_t response_row(const CallState& call, const Group& group) {
  if (call.request.response_row.empty()) return -1;
  auto& rows = group.deployments;
  auto made_it = [&](const DeploymentPtr& row) { return row->row.id == call.request.response_row; };
  const auto found = std::find_if(rows.begin(), rows.end(), made_it);
  return found == rows.end() ? -1 : static_cast<std::int32_t>(found - rows.begin());
}

/// Rows of one account of one provider can read what each of them has encrypted.
bool same_account(const Deployment& left, const Deployment& right) {
  auto &a = left.row.params, &b = right.row.params;
  return left.target && right.target && left.target->provider == right.target->provider &&
         a.api_base == b.api_base && a.api_key == b.api_key && a.organization == b.organization;
}

/// Who made the encrypted_content that the request brings back, and those that can read it instead; nobody
/// else is asked. When this group has none of them, its provider refuses the items in its own words. False =
/// anybody may serve the request.
bool add_readers(const CallState& call, const Group& group, PickQuery& query) {
  if (call.request.encrypted_row.empty()) return false;
  const auto found = call.context.routing->resolve(call.request.encrypted_row);
  if (!found.group || found.only < 0) return false;
  const auto& maker = *found.group->deployments[static_cast<std::size_t>(found.only)];
  auto wants = query.wants ? std::make_shared<PickWants>(*query.wants) : std::make_shared<PickWants>();
  const auto rows = std::min<std::size_t>(group.deployments.size(), 64);
  for (std::size_t i = 0; i < rows; ++i) {
    const auto& row = *group.deployments[i];
    if (row.row.id == maker.row.id) query.prefer = static_cast<std::int32_t>(i);
    if (row.row.id == maker.row.id || same_account(row, maker)) wants->within |= std::uint64_t{1} << i;
  }
  const bool any = wants->within != 0;
  if (any) query.wants = std::move(wants);
  return any;
}

/// On the first try; a retry shall go elsewhere.
void add_affinity(const CallState& call, const Hop& hop, PickQuery& query) {
  auto& group = *hop.resolved->group;
  if (add_readers(call, group, query)) return;
  if (group.deployments.size() < 2 || call.retries > 0 || hop.above_order != PickQuery::k_any_order) return;
  query.prefer = response_row(call, group);
  if (query.prefer < 0) query.affinity = asker(call, group);
}

/// When a pick stops waiting for room.
Instant give_up(const CallState& call, Instant now) {
  auto& router = call.context.config.router;
  const double limit = call.request.timeout.value_or(router.timeout.value_or(router.request_timeout));
  return now + to_millis(std::min(limit, router.queue_timeout.value_or(limit)));
}

void add_needed(CallState& call, const Group& group, PickQuery& query) {
  auto& needs = group.needs;
  auto& facts = call.facts;
  if (needs.tokens) {
    if (!facts.prompt_tokens) facts.prompt_tokens = prompt_tokens(call.request);
    query.prompt_tokens = *facts.prompt_tokens;
    query.output_tokens = output_tokens(call.request);
  }
  if (needs.wants) {
    if (!facts.wants) facts.wants = make_wants(call);
    query.wants = facts.wants;
  }
  if (needs.prefix) {
    if (facts.prefix == 0) facts.prefix = prefix_hash(call.request);
    query.prefix_hash = facts.prefix;
  }
  if (needs.marked) {
    if (!facts.marked) facts.marked = marked_prefix(call.request);
    query.prefix_hash = *facts.marked;
  }
  if (needs.room) {
    query.priority = call.request.priority.value_or(call.context.config.router.default_priority);
    query.give_up = give_up(call, query.now);
  }
}

// -- waiting

/// Tells the group that its waiting pick is late, or that nobody wants it any more. Again and again until it
/// answers: the pick may be on its way to a row just now, where the group does not find it.
struct Poker {
  const Mailbox<Poke>& group;
  const PickQuery& query;
  Shard& shard;
  CancelScope& cancel;
  Deadline again;

  Poker(const Group& g, const PickQuery& q, Shard& s, CancelScope& c)
      : group(g.poke), query(q), shard(s), cancel(c), again(s.deadlines, wake, this) {
    if (query.give_up > query.now) again.expires_at(query.give_up);
    if (cancel.cancelled()) poke();
  }
  void poke() {
    const bool leaves = cancel.cancelled();
    const auto now = leaves ? shard.now() : std::max(shard.now(), query.give_up);
    again.expires_in(Millis(100));
    group.send(Poke{now, leaves ? query.random : 0});
    if (run_actors_inline) run_actors_inline();
  }
  static void wake(void* self) { static_cast<Poker*>(self)->poke(); }
};

// -- refusals

std::string number(std::int64_t value) { return std::to_string(value); }

std::string no_deployments_text(const CallState& call, const Hop& hop, const PickAnswer& refused,
                                std::int64_t seconds) {
  return "No deployments available for selected model, Try again in " + number(seconds) +
         " seconds. Passed model=" + hop.model +
         ". pre-call-checks=" + (call.context.config.router.enable_pre_call_checks ? "True" : "False") +
         ", cooldown_list=[" + refused.cooling_ids + "]";
}

std::string rate_text(const PickAnswer& refused) {
  constexpr std::string_view k_units[] = {"RPM", "TPM", "ITPM", "OTPM"};
  const auto unit = static_cast<std::size_t>(refused.refusal) - static_cast<std::size_t>(Refusal::rpm);
  return "litellm.RateLimitError: Model rate limit exceeded. " + std::string(k_units[unit]) +
         " limit=" + number(refused.limit) + ", current usage=" + number(refused.used);
}

Error context_error(const Hop& hop, const PickAnswer& refused) {
  return Error(
      Errc::context_window_exceeded,
      "litellm.ContextWindowExceededError: The prompt is too long for every row. Model=" + hop.model +
          ", Max Input Tokens=" + number(refused.limit) + ", Got=" + number(refused.used));
}

Error tags_error(const CallState& call, const Hop& hop) {
  std::string tags;
  for (auto& tag : call.request.tags) tags += (tags.empty() ? "'" : ", '") + tag + "'";
  return Error(Errc::authentication, "Not allowed to access model due to tags configuration. Passed model=" +
                                         hop.model + " and tags=[" + tags + "]");
}

} // namespace

PickQuery make_query(CallState& call, const Hop& hop) {
  auto& group = *hop.resolved->group;
  PickQuery query;
  query.now = call.context.shard.now();
  query.random = call.context.shard.random.next() | 1; // names the pick when it waits: never 0
  query.stream = call.request.stream;
  query.only = hop.resolved->only;
  query.above_order = hop.above_order;
  query.tried = hop.tried;
  add_needed(call, group, query);
  add_affinity(call, hop, query);
  return query;
}

aw<> wait_for_row(CallState& call, const Group& group, const PickQuery& query, Pending<PickAnswer>& pending) {
  auto& cancel = call.context.exchange.cancel;
  Poker poker(group, query, call.context.shard, cancel);
  CancelScope::Waiter waiter(cancel, Poker::wake, &poker);
  co_await pending.wait();
}

Error refusal_error(const CallState& call, const Hop& hop, const PickAnswer& refused) {
  if (refused.error == Errc::unavailable)
    return Error(Errc::unavailable, "The router is not available right now, please try again.");
  const auto seconds = std::max<std::int64_t>(1, (refused.retry_after.count() + 999) / 1000);
  if (auto& budgets = access::plane_of(call.context.config).route_budgets) {
    auto text = budgets->refusal(hop.resolved->group->deployments, call.context.shard.now());
    if (!text.empty()) {
      Error over(Errc::no_deployments, std::move(text));
      over.extra().type = over.extra().param = "None";
      return over;
    }
  }
  Error error(Errc::no_deployments, no_deployments_text(call, hop, refused, seconds));
  switch (refused.refusal) {
  case Refusal::context_window:
    return context_error(hop, refused);
  case Refusal::tags:
    return tags_error(call, hop);
  case Refusal::team:
  case Refusal::no_row:
    return unknown_model(call, hop.model);
  case Refusal::rpm:
  case Refusal::tpm:
  case Refusal::itpm:
  case Refusal::otpm:
    if (call.context.config.router.enforce_model_rate_limits)
      error = Error(Errc::rate_limit, rate_text(refused));
    break;
  case Refusal::parallel:
    error.message += ". Every row has as many requests as it takes (" + number(refused.limit) + ")";
    break;
  case Refusal::response_format:
    return Error(
        Errc::unsupported_params,
        "litellm.UnsupportedParamsError: No deployment of " + hop.model +
            " takes response_format. To drop it where it is not taken, set `litellm_settings.drop_params: "
            "true`");
  case Refusal::region:
    error.message += ". No row is in allowed_model_region=" + call.request.allowed_region;
    break;
  case Refusal::queue_full:
    error.message += ". Every row is full, and max_queued_requests are waiting";
    break;
  case Refusal::queue_timeout:
    error.message += ". Every row stayed full";
    break;
  case Refusal::none:
  case Refusal::cooling:
  case Refusal::order:
    break;
  }
  error.retry_after = Millis(seconds * 1000);
  return error;
}

} // namespace switchyard::http
