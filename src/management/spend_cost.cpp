// /spend/calculate, /cost/estimate and the cost map: prices without a database. Store threads.
#include "management/access.hpp"
#include "management/fields.hpp"
#include "management/spend.hpp"

#include <algorithm>

namespace switchyard::management {
namespace {

PriceBookPtr prices_of(const Call& call) { return call.live.prices ? call.live.prices : built_in_prices(); }

/// The price of a model's first row in the configuration, its own figures over the book's; else the book's.
ModelPricePtr price_of(const Call& call, std::string_view model) {
  const auto book = prices_of(call);
  for (auto& row : call.config->models) {
    if (row.model_name != model) continue;
    auto fields = row.params.raw;
    for (auto& [name, value] : row.model_info) set(fields, name, value);
    auto below = book->find(row.params.model, row.params.custom_llm_provider, row.base_model);
    auto own = read_price(row.model_name, fields, below);
    return own ? own : below;
  }
  return book->find(model);
}

PriceAdjustment adjustment_of(const Call& call, const ModelPrice& price) {
  if (!call.config->plane) return {};
  auto& known = call.config->plane->adjustments;
  auto at = known.find(price.provider);
  if (at == known.end()) at = known.find("global");
  return at == known.end() ? PriceAdjustment{} : at->second;
}

std::uint32_t count_at(const Value* object, std::string_view name) {
  auto* value = object ? object->find(name) : nullptr;
  double count = 0;
  if (!value || !value->number(count)) return 0;
  return static_cast<std::uint32_t>(std::clamp(count, 0.0, 4294967295.0));
}

Usage usage_of(const Value& answer) {
  Usage out;
  auto* usage = answer.find("usage");
  out.prompt_tokens = std::max(count_at(usage, "prompt_tokens"), count_at(usage, "input_tokens"));
  out.completion_tokens = std::max(count_at(usage, "completion_tokens"), count_at(usage, "output_tokens"));
  out.total_tokens = count_at(usage, "total_tokens");
  for (auto name : {"prompt_tokens_details", "input_tokens_details"}) {
    auto* details = usage ? usage->find(name) : nullptr;
    out.cache_read_tokens = std::max(out.cache_read_tokens, count_at(details, "cached_tokens"));
    out.audio_in_tokens = std::max(out.audio_in_tokens, count_at(details, "audio_tokens"));
  }
  for (auto name : {"completion_tokens_details", "output_tokens_details"}) {
    auto* details = usage ? usage->find(name) : nullptr;
    out.reasoning_tokens = std::max(out.reasoning_tokens, count_at(details, "reasoning_tokens"));
    out.audio_out_tokens = std::max(out.audio_out_tokens, count_at(details, "audio_tokens"));
  }
  return out;
}

std::size_t text_bytes(const Value& value) {
  if (auto* text = value.as_string()) return text->size();
  std::size_t bytes = 0;
  if (auto* list = value.as_list())
    for (auto& part : *list) bytes += text_bytes(part);
  if (auto* map = value.as_map())
    for (auto& member : *map)
      if (member.first != "type" && member.first != "image_url") bytes += text_bytes(member.second);
  return bytes;
}

/// Four bytes are a token, each message has three more.
Usage usage_of_messages(const ValueList& messages) {
  std::size_t tokens = 3;
  for (auto& message : messages) tokens += 3 + (text_bytes(message) + 3) / 4;
  Usage out;
  out.prompt_tokens = static_cast<std::uint32_t>(std::min<std::size_t>(tokens, UINT32_MAX));
  return out;
}

Reply unknown_model(std::string_view model) {
  return refuse(400, "This model isn't mapped yet. model=" + std::string(model), "bad_request", "model");
}

Reply cost_reply(const Call& call, std::string_view model, const Usage& usage) {
  auto price = price_of(call, model);
  if (!price) return unknown_model(model);
  const auto cost = cost_of(*price, usage, adjustment_of(call, *price));
  return ok(Value(ValueMap{{"cost", Value(cost.total.usd())}}));
}

constexpr Field k_calculate[] = {{"model", Kind::text, Home::input},
                                 {"messages", Kind::list, Home::input},
                                 {"completion_response", Kind::object, Home::input}};
constexpr Field k_estimate[] = {{"model", Kind::text, Home::input, true},
                                {"input_tokens", Kind::small, Home::input, true},
                                {"output_tokens", Kind::small, Home::input, true},
                                {"num_requests_per_day", Kind::small, Home::input},
                                {"num_requests_per_month", Kind::small, Home::input}};

/// daily_cost, daily_input_cost, ... for so many requests; null without a number.
void put_span(ValueMap& out, std::string_view span, std::optional<std::int64_t> requests,
              const CostBreakdown& cost) {
  const auto put = [&](std::string_view part, Money each) {
    out.emplace_back(std::string(span) + std::string(part) + "cost",
                     requests ? Value(each.usd() * static_cast<double>(*requests)) : Value());
  };
  put("_", cost.total), put("_input_", cost.input), put("_output_", cost.output),
      put("_margin_", cost.margin);
}

Value count_or_null(std::optional<std::int64_t> count) { return count ? Value(*count) : Value(); }
Value price_or_null(Price price) { return price.known() ? Value(price.usd()) : Value(); }

} // namespace

Reply spend_calculate(Session&, const Call& call) {
  Body body;
  Reply reply;
  if (!read_body(call, k_calculate, body, reply)) return reply;
  const auto model = body.text("model");
  if (!model.empty()) {
    auto* messages = body.find("messages");
    if (!messages)
      return refuse(400, "Bad Request - messages must be provided if 'model' is provided", "bad_request",
                    "messages");
    return cost_reply(call, model, usage_of_messages(*messages->as_list()));
  }
  auto* answer = body.find("completion_response");
  if (!answer)
    return refuse(400, "Bad Request - Either 'model' or 'completion_response' must be provided",
                  "bad_request", "model");
  return cost_reply(call, text_at(*answer, "model"), usage_of(*answer));
}

Reply cost_estimate(Session&, const Call& call) {
  Body body;
  Reply reply;
  if (!read_body(call, k_estimate, body, reply)) return reply;
  const auto model = body.text("model");
  auto price = price_of(call, model);
  if (!price) return unknown_model(model);
  Usage usage;
  usage.prompt_tokens = static_cast<std::uint32_t>(*body.integer("input_tokens"));
  usage.completion_tokens = static_cast<std::uint32_t>(*body.integer("output_tokens"));
  const auto cost = cost_of(*price, usage, adjustment_of(call, *price));
  const auto daily = body.integer("num_requests_per_day"), monthly = body.integer("num_requests_per_month");
  ValueMap out{{"model", Value(model)},
               {"input_tokens", Value(std::int64_t{usage.prompt_tokens})},
               {"output_tokens", Value(std::int64_t{usage.completion_tokens})},
               {"num_requests_per_day", count_or_null(daily)},
               {"num_requests_per_month", count_or_null(monthly)},
               {"cost_per_request", Value(cost.total.usd())},
               {"input_cost_per_request", Value(cost.input.usd())},
               {"output_cost_per_request", Value(cost.output.usd())},
               {"margin_cost_per_request", Value(cost.margin.usd())}};
  put_span(out, "daily", daily, cost), put_span(out, "monthly", monthly, cost);
  out.emplace_back("input_cost_per_token", price_or_null(price->base.input));
  out.emplace_back("output_cost_per_token", price_or_null(price->base.output));
  out.emplace_back("provider", price->provider.empty() ? Value() : Value(price->provider));
  return ok(Value(std::move(out)));
}

Reply cost_map(Session&, const Call& call) {
  ValueMap out;
  prices_of(call)->each(
      [&](const ModelPrice& price) { out.emplace_back(price.name, Value(price_fields(price))); });
  return ok(Value(std::move(out)));
}

Reply cost_map_source(Session&, const Call& call) {
  if (!call.caller.may_read_all())
    return refuse(403, "Access denied. Admin role required. Current role: " + call.caller.role, "auth_error");
  const auto book = prices_of(call);
  const auto url = call.config->plane ? call.config->plane->cost_map_url : "";
  const bool built_in = book == built_in_prices();
  const bool failed = built_in && !url.empty();
  return ok(
      Value(ValueMap{{"source", Value(std::string(built_in ? "local" : "remote"))},
                     {"url", url.empty() ? Value() : Value(url)},
                     {"is_env_forced", Value(url.empty())},
                     {"fallback_reason",
                      failed ? Value(std::string("The cost map could not be read; see the log")) : Value()},
                     {"model_count", Value(static_cast<std::int64_t>(book->size()))},
                     {"date", Value(std::string(book->date()))}}));
}

} // namespace switchyard::management
