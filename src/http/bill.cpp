// Admission, journal and settlement of one request. Shard code; the ledgers decide, the journal keeps.
#include "http/bill.hpp"

#include "http/access/llm_access.hpp"
#include "http/bill_bound.hpp"
#include "http/bill_event.hpp"
#include "http/forward.hpp"
#include "http/route_facts.hpp"

#include <switchyard/log.hpp>
#include <switchyard/plane.hpp>
#include <switchyard/route_budgets.hpp>

#include <algorithm>
#include <charconv>

namespace switchyard::http {

namespace {

/// What an answer of unknown length reserves of a tpm limit. Most answers are shorter; a model's longest
/// answer would let one request hold a whole limit.
constexpr std::uint32_t k_assumed_output = 1024;

std::int64_t unix_ms(const Shard& shard) {
  return std::chrono::duration_cast<Millis>(shard.clock.wall().time_since_epoch()).count();
}

/// What counts against tpm limits (general_settings.token_rate_limit_type).
std::uint32_t counted(const PlaneSettings& settings, std::uint32_t input, std::uint32_t output) {
  if (settings.token_rate_limit_type == "input") return input;
  return settings.token_rate_limit_type == "output" ? output : input + output;
}

void add_usage(Usage& sum, const Usage& part) {
  sum.present = sum.present || part.present;
  for (auto field :
       {&Usage::prompt_tokens, &Usage::completion_tokens, &Usage::total_tokens, &Usage::cache_read_tokens,
        &Usage::cache_write_tokens, &Usage::cache_write_1h_tokens, &Usage::audio_in_tokens,
        &Usage::image_in_tokens, &Usage::reasoning_tokens, &Usage::audio_out_tokens, &Usage::image_out_tokens,
        &Usage::images, &Usage::characters, &Usage::audio_ms, &Usage::search_units, &Usage::web_searches})
    sum.*field += part.*field;
}

void add_cost(CostBreakdown& sum, const CostBreakdown& part) {
  for (auto field :
       {&CostBreakdown::input, &CostBreakdown::output, &CostBreakdown::tools, &CostBreakdown::original,
        &CostBreakdown::discount, &CostBreakdown::margin, &CostBreakdown::total})
    sum.*field += part.*field;
}

/// budget_policy clamp, and not one token is left.
Error no_output(const RequestContext& context) {
  return Error(Errc::budget_exceeded,
               "Budget has been exceeded! What is left does not pay for one token of an answer.",
               context.config.plane->budget_exceeded_status);
}

} // namespace

Bill::Bill(RequestContext& context, LlmRequest& request) : context_(context), request_(request) {
  if (context.shard.plane && context.shard.journal) state_ = std::make_unique<State>();
}

Bill::~Bill() {
  if (open_now()) finish("failure");
}

AdmitQuery Bill::query(std::uint32_t output_bound) const {
  auto& shard = context_.shard;
  auto& settings = *context_.config.plane;
  AdmitQuery query;
  query.now = shard.now(), query.wall = shard.clock.wall();
  query.who = access::payers_of(context_, request_);
  const bool tokens = std::any_of(query.who.begin(), query.who.end(),
                                  [](auto& entity) { return entity->limits.tpm.has_value(); });
  if (tokens) {
    const auto prompt = prompt_tokens(request_), known = output_tokens(request_);
    query.tokens = counted(settings, prompt, known ? known : std::min(output_bound, k_assumed_output));
    if (!known && output_bound > 0) query.least_tokens = std::max(1u, counted(settings, prompt, 0));
  }
  query.policy = settings.budget_policy;
  // A session's answers have no parameter of ours to clamp, and what is passed on is not changed.
  const bool fixed = is_session(request_) || is_passed_on(context_);
  if (fixed && query.policy == BudgetPolicy::clamp) query.policy = BudgetPolicy::alone;
  return query;
}

aw<Error> Bill::open() {
  auto& shard = context_.shard;
  if (!shard.journal->healthy())
    co_return Error(Errc::unavailable,
                    "The spend journal cannot be written: no billable request is served until the "
                    "disk of the data directory takes data again.");
  const Settle nothing{}; // named: GCC 12 mishandles temporaries in co_await expressions
  auto refused = co_await admit(nothing);
  if (refused.code != Errc::none) co_return refused;
  co_return begin_record();
}

WorstCase Bill::worst_of(const Group& group, const Bound& bound) const {
  auto worst = worst_case_of(group, bound);
  if (context_.config.plane->disable_budget_reservation) worst.total = worst.input = Money();
  return worst;
}

aw<Error> Bill::admit(Settle renews) {
  auto& shard = context_.shard;
  Bound bound;
  auto group = context_.resolve(request_.model).group;
  if (group) bound = bound_of(request_, *group, request_.body.size());
  auto asked = query(bound.units.completion_tokens);
  if (asked.who.empty()) {
    if (renews.id != 0) shard.plane->ledgers.settle.send(renews); // its limits are gone
  } else {
    WorstCase worst;
    if (group) worst = worst_of(*group, bound);
    asked.renews = renews;
    asked.worst = worst.total, asked.worst_input = worst.input, asked.budgets = !worst.free;
    state_->worst = worst.total, state_->free = worst.free;
    state_->covered = group.get();
    auto answer = co_await ask(shard.plane->ledgers.admit, asked, shard.executor());
    if (answer.error.code != Errc::none) {
      context_.exchange.extra_headers += answer.headers;
      co_return std::move(answer.error);
    }
    state_->admission = Admission(std::move(answer));
    const auto allowed = state_->admission.answer().allowed;
    if (allowed < asked.worst && !clamp(asked, allowed, bound.units.completion_tokens)) {
      Settle unused;
      unused.ran = false;
      state_->admission.settle(unused);
      co_return no_output(context_);
    }
  }
  co_return Error(Errc::none);
}

/// What was used since the last settlement.
Settle Bill::settlement() const {
  Settle settle;
  settle.now = context_.shard.now(), settle.wall = context_.shard.clock.wall();
  settle.cost = state_->breakdown.total - state_->told_cost;
  auto& usage = state_->event.usage;
  settle.tokens =
      counted(*context_.config.plane, usage.prompt_tokens, usage.completion_tokens) - state_->told_tokens;
  return settle;
}

aw<Error> Bill::renew() {
  if (!open_now()) co_return Error(Errc::none);
  auto settle = settlement();
  settle.ran = false; // the next admission counts the request again
  settle.id = state_->admission.give_up();
  state_->told_cost = state_->told_cost + settle.cost, state_->told_tokens += settle.tokens;
  co_return co_await admit(settle);
}

aw<Error> Bill::cover(const Group& group) {
  if (covers(group)) co_return Error(Errc::none);
  const auto bound = bound_of(request_, group, request_.body.size());
  const auto worst = worst_of(group, bound);
  if (!worst.free && (worst.total > state_->worst || state_->free)) {
    auto& shard = context_.shard;
    AdmitQuery asked;
    asked.now = shard.now(), asked.wall = shard.clock.wall();
    asked.raises = state_->admission.answer().id, asked.policy = context_.config.plane->budget_policy;
    asked.worst = worst.total, asked.worst_input = worst.input;
    auto answer = co_await ask(shard.plane->ledgers.admit, asked, shard.executor());
    if (answer.error.code != Errc::none) co_return std::move(answer.error);
    if (answer.allowed < asked.worst && !clamp(asked, answer.allowed, bound.units.completion_tokens))
      co_return no_output(context_);
    state_->worst = asked.worst, state_->free = false;
  }
  state_->covered = &group;
  co_return Error(Errc::none);
}

/// The output bound is lowered in proportion: its price is linear.
bool Bill::clamp(const AdmitQuery& asked, Money allowed, std::uint32_t output_bound) {
  const auto span = (asked.worst - asked.worst_input).nanos();
  const auto left = (allowed - asked.worst_input).nanos();
  if (span <= 0) return true;
  const auto tokens =
      left < 0 ? 0 : static_cast<std::int64_t>(static_cast<__int128>(output_bound) * left / span);
  if (tokens < 1) return false;
  if (request_.endpoint == Endpoint::generate_content) return false; // its limit is not a member of the body
  state_->clamped = {{std::string(output_limit_field(request_)), std::to_string(tokens)}};
  return true;
}

Error Bill::begin_record() {
  auto& shard = context_.shard;
  describe_request(context_, request_, state_->event);
  state_->event.start_ms = unix_ms(shard);
  state_->open = true;
  auto ticket = shard.journal->begin(state_->event);
  if (ticket) return state_->ticket = *ticket, Error(Errc::none);
  state_->open = false;
  return ticket.error();
}

void Bill::add(const Deployment& row, std::string_view upstream_model, const providers::Usage& usage,
               Micros upstream_time) {
  if (!open_now()) return;
  state_->used = true;
  describe_row(row, upstream_model, state_->event);
  add_usage(state_->event.usage, usage);
  auto price = row.price;                        // a pattern's rows have one per model
  auto& present = context_.config.plane->prices; // null in configurations that main has not seen
  auto& prices = present ? present : context_.shard.plane->prices;
  if (!price && row.target && prices) price = prices->find(upstream_model, row.target->provider);
  if (!price) return;
  const auto ms = static_cast<std::uint32_t>(std::max<std::int64_t>(0, upstream_time.count() / 1000));
  const auto part = cost_of(*price, usage, row.adjust, ms);
  add_cost(state_->breakdown, part);
  if (auto& budgets = context_.config.plane->route_budgets)
    budgets->add(row, part.total, context_.shard.now());
}

void Bill::set_response_id(std::string_view id) {
  if (open_now() && !id.empty()) state_->event.request_id = id;
}

void Bill::keep_answer(const TextSlices& body) {
  if (!open_now() || !context_.config.plane->store_prompts) return;
  for (auto slice : body) state_->event.response += slice;
  if (!state_->event.response.starts_with('{')) state_->event.response.clear();
}

void Bill::keep_frames(const TextSlices& frames) {
  if (!open_now() || !context_.config.plane->store_prompts) return;
  if (!state_->streamed) state_->streamed = std::make_unique<StreamAnswer>();
  std::string text;
  for (auto slice : frames) text += slice;
  state_->streamed->add(text);
}

void Bill::close() { finish("success"); }

void Bill::close_failed(const Error& error, int status) {
  if (!open_now()) return;
  state_->problem = error_information(error, status);
  finish("failure");
}

void Bill::finish(std::string_view status) {
  if (!open_now()) return;
  state_->open = false;
  auto& shard = context_.shard;
  state_->event.status = status;
  state_->event.spend = state_->breakdown.total;
  state_->event.end_ms = unix_ms(shard);
  if (state_->event.request_id.empty()) state_->event.request_id = state_->event.call_id;
  if (state_->streamed && state_->event.response.empty()) state_->event.response = state_->streamed->text();
  state_->event.metadata = metadata_of(context_, request_, state_->breakdown, state_->problem);
  if (auto kept = shard.journal->end(state_->ticket, state_->event); !kept)
    log::error("journal", {{"call_id", state_->event.call_id}, {"problem", kept.error().message}});
  state_->admission.settle(settlement());
}

void Bill::append_headers(std::string& out) const {
  if (!open_now()) return;
  if (state_->used) out += "x-litellm-response-cost: " + state_->breakdown.total.text() + "\r\n";
  if (context_.identity)
    append_limit_headers(*context_.identity, state_->admission.answer(), state_->breakdown.total, out);
}

} // namespace switchyard::http
