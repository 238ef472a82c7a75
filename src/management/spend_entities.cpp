// /spend/keys, /spend/users, /spend/tags: what keys, users and tags have spent. Store threads.
#include "management/access.hpp"
#include "management/spend.hpp"

namespace switchyard::management {

Reply spend_keys(Session& session, const Call& call) {
  Select what{"VerificationToken", {}, {{"spend", true}, {"token"}}};
  if (!sees_all(call.caller)) {
    if (call.caller.user_id.empty())
      what.where.push_back({"token", "=", text_value(call.caller.key_hash)});
    else
      what.where.push_back({"user_id", "=", text_value(call.caller.user_id)});
  }
  auto rows = stored(session.select(what));
  if (!rows) return rows.error();
  return ok(list_value(std::move(*rows)));
}

Reply spend_users(Session& session, const Call& call) {
  auto wanted = query_text(call, "user_id").value_or("");
  if (!sees_all(call.caller)) {
    if (!wanted.empty() && wanted != call.caller.user_id)
      return forbidden("key not allowed to access this user's info. user_id=" + wanted +
                       ", key's user_id=" + call.caller.user_id);
    wanted = call.caller.user_id;
    if (wanted.empty()) return ok(Value(ValueList{}));
  }
  Select what{"UserTable", {}, {{"spend", true}, {"user_id"}}};
  if (!wanted.empty()) what.where.push_back({"user_id", "=", text_value(wanted)});
  auto rows = stored(session.select(what));
  if (!rows) return rows.error();
  for (auto& row : *rows) switchyard::erase(row, "password");
  return ok(list_value(std::move(*rows)));
}

Reply spend_tags(Session& session, const Call& call) {
  Where where;
  for (auto [name, op] : {std::pair("start_date", ">="), std::pair("end_date", "<=")}) {
    const auto text = query_text(call, name).value_or("");
    if (text.empty()) continue;
    if (!read_day(text))
      return refuse_detail(400, std::string(name) + " must be a date in the form YYYY-MM-DD");
    where.add("\"date\" " + std::string(op) + " ?", {text_value(text)});
  }
  if (!sees_all(call.caller))
    where.add("api_key IN (SELECT token FROM \"LiteLLM_VerificationToken\" WHERE user_id = ?) OR api_key = ?",
              {text_value(call.caller.user_id), text_value(call.caller.key_hash)});
  where.add("tag IS NOT NULL");
  auto rows = ask(session,
                  "SELECT tag AS individual_request_tag, CAST(SUM(api_requests) AS BIGINT) AS log_count, "
                  "SUM(spend) AS total_spend FROM \"LiteLLM_DailyTagSpend\"",
                  where, "GROUP BY tag ORDER BY total_spend DESC, tag");
  if (!rows) return rows.error();
  return ok(list_value(std::move(*rows)));
}

} // namespace switchyard::management
