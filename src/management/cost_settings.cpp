// /config/cost_discount_config and cost_margin_config: what is taken off and put on the prices, by provider.
// Store threads.
#include "management/attached.hpp"
#include "management/audit.hpp"
#include "management/config_rows.hpp"

namespace switchyard::management {
namespace {

constexpr double k_most_margin = 10; ///< 1000 %

bool within(const Value& value, double most) {
  double number = 0;
  return value.number(number) && number >= 0 && number <= most;
}

Out<void> check_discount(const std::string& provider, const Value& value) {
  if (within(value, 1)) return {};
  return detail_text(400, "Discount for " + provider + " must be between 0 and 1 (0% to 100%)");
}

Out<void> check_margin(const std::string& provider, const Value& value) {
  const std::string margin = "Margin percentage for " + provider + " must be between 0 and 10 (0% to 1000%)";
  double number = 0;
  if (value.number(number))
    return within(value, k_most_margin) ? Out<void>() : Out<void>(detail_text(400, margin));
  auto* parts = value.as_map();
  if (!parts)
    return detail_text(400,
                       "Margin for " + provider +
                           " must be a number (percentage) or dict with 'percentage' and/or 'fixed_amount'");
  if (parts->empty())
    return detail_text(400, "Margin config for " + provider +
                                " cannot be empty. Must include 'percentage' and/or 'fixed_amount'");
  if (auto* share = value.find("percentage"); share && !within(*share, k_most_margin))
    return detail_text(400, margin);
  if (auto* fixed = value.find("fixed_amount"); fixed && !within(*fixed, 1e9))
    return detail_text(400, "Fixed margin amount for " + provider + " must be non-negative");
  return {};
}

struct Page {
  std::string_view key, message;
  Out<void> (*check)(const std::string& provider, const Value& value);
};
constexpr Page k_discounts{"cost_discount_config", "Cost discount configuration updated successfully",
                           check_discount};
constexpr Page k_margins{"cost_margin_config", "Cost margin configuration updated successfully",
                         check_margin};

Reply show(Session& session, const Call& call, const Page& page) {
  if (!call.caller.may_read_all()) return admin_only(call, 403);
  auto section = whole_section(session, call, "litellm_settings");
  if (!section) return section.error();
  return ok(Value(ValueMap{{"values", Value(object_in(*section, page.key))}}));
}

/// Replaces the whole table, as LiteLLM does.
Reply save(Session& session, const Call& call, const Page& page, const Value& given) {
  auto section = stored_section(session, "litellm_settings");
  if (!section) return section.error();
  const Value before(*section);
  if (auto fine = check_section(call, "litellm_settings", {{std::string(page.key), given}}); !fine)
    return fine.error();
  set(*section, page.key, given);
  auto row = store_section(session, "litellm_settings", std::move(*section));
  if (!row) return row.error();
  audit(session, call, "Config", "updated", "litellm_settings", before, at(*row, "param_value"));
  return touching_config(
      ok(Value(ValueMap{
          {"message", text_value(page.message)}, {"status", text_value("success")}, {"values", given}})),
      "litellm_settings");
}

Reply change(Session& session, const Call& call, const Page& page) {
  Value given;
  Reply reply;
  if (!call.caller.is_admin()) return admin_only(call, 403);
  if (!stores_models(call)) return not_in_db();
  if (!read_object(call, given, reply)) return reply;
  for (auto& [provider, value] : *given.as_map())
    if (auto fine = page.check(provider, value); !fine) return fine.error();
  return write(session, [&] { return save(session, call, page, given); });
}

Reply discounts(Session& session, const Call& call) {
  return call.method == "GET" ? show(session, call, k_discounts) : change(session, call, k_discounts);
}
Reply margins(Session& session, const Call& call) {
  return call.method == "GET" ? show(session, call, k_margins) : change(session, call, k_margins);
}

constexpr Route k_routes[] = {
    {"/config/cost_discount_config", k_get | k_patch, discounts, "Discounts by provider"},
    {"/config/cost_margin_config", k_get | k_patch, margins, "Margins by provider"},
};

} // namespace

std::span<const Route> cost_setting_routes() { return k_routes; }

} // namespace switchyard::management
