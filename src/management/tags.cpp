// /tag/*: tags of requests with models and budgets of their own. Store threads.
#include "management/attached.hpp"
#include "management/audit.hpp"
#include "management/routes.hpp"

#include <algorithm>

namespace switchyard::management {
namespace {

constexpr std::string_view k_table = "TagTable";
constexpr Field k_fields[] = {{"name", Kind::text, Home::input, true},
                              {"description", Kind::text},
                              {"models", Kind::texts},
                              {"budget_id", Kind::text, Home::input}};
constexpr std::string_view k_dynamic =
    "This is just a spend tag that was passed dynamically in a request. It does not control any LLM models.";

Value shown(const Row& row) {
  const Value& info = at(row, "model_info");
  return Value(ValueMap{{"name", at(row, "tag_name")},
                        {"description", at(row, "description")},
                        {"models", at(row, "models")},
                        {"model_info", info.as_map() ? info : Value(ValueMap{})},
                        {"created_at", at(row, "created_at")},
                        {"updated_at", at(row, "updated_at")},
                        {"created_by", at(row, "created_by")}});
}

/// With what it spent and its budget.
Value shown_in_full(const Row& row) {
  Value out = shown(row);
  set(out, "spend", at(row, "spend"));
  set(out, "litellm_budget_table", at(row, "litellm_budget_table"));
  return out;
}

Out<Rows> deployments(Session& session, const std::vector<std::string>& models) {
  auto rows = find_rows(session, "ProxyModelTable", "model_id", models);
  if (!rows) return rows.error();
  auto named = find_rows(session, "ProxyModelTable", "model_name", models);
  if (!named) return named.error();
  for (auto& row : *named)
    if (std::none_of(rows->begin(), rows->end(),
                     [&](auto& other) { return text_of(other, "model_id") == text_of(row, "model_id"); }))
      rows->push_back(std::move(row));
  return rows;
}

/// A tag that allows a model marks its rows, so that tag routing finds them; rows of config.yaml have their
/// tags there.
Out<void> mark(Session& session, const Rows& rows, const std::string& tag, std::vector<Touched>& touched) {
  for (const auto& row : rows) {
    ValueMap params = object_in(row, "litellm_params");
    auto tags = texts_of(&at(params, "tags"));
    if (contains(tags, tag)) continue;
    tags.push_back(tag);
    set(params, "tags", list_of(tags));
    const Change change{"litellm_params", Value(std::move(params))};
    const Condition where{"model_id", "=", at(row, "model_id")};
    if (auto done = session.update("ProxyModelTable", {&change, 1}, {&where, 1}); !done)
      return failed(done.error());
    touched.push_back({Touched::What::model, text_of(row, "model_id")});
  }
  return {};
}

Value names_of(const Rows& rows) {
  ValueMap out;
  for (const auto& row : rows) out.emplace_back(text_of(row, "model_id"), at(row, "model_name"));
  return Value(std::move(out));
}

Reply answer(const std::string& name, std::string_view done, const Row& row) {
  return ok(Value(ValueMap{{"message", text_value("Tag " + name + " " + std::string(done) + " successfully")},
                           {"tag", shown(row)}}));
}

Reply save(Session& session, const Call& call, const Body& body, bool fresh) {
  const std::string name = body.text("name");
  auto before = find_row(session, k_table, "tag_name", text_value(name));
  if (!before) return before.error();
  if (fresh && !before->empty()) return detail_text(400, "Tag " + name + " already exists");
  if (!fresh && before->empty()) return detail_text(404, "Tag " + name + " not found");
  auto budget = attach_budget(session, call, body, text_of(*before, "budget_id"));
  if (!budget) return budget.error();
  auto models = deployments(session, body.texts("models"));
  if (!models) return models.error();
  Row row = columns_of(body, k_fields);
  set(row, "budget_id", *budget);
  if (fresh || body.given("models")) set(row, "model_info", names_of(*models));
  std::vector<Touched> touched;
  if (fresh) {
    stamp(call, row);
    switchyard::erase(row, "updated_by"); // the table has none
    set(row, "tag_name", text_value(name));
    set(row, "spend", Value(0.0));
    if (!body.has("models")) set(row, "models", Value(ValueList{}));
    if (auto done = mark(session, *models, name, touched); !done) return done.error();
  }
  auto after = fresh ? insert_row(session, k_table, row)
                     : update_row(session, call, k_table, "tag_name", text_value(name), row, false);
  if (!after) return after.error();
  audit(session, call, k_table, fresh ? "created" : "updated", name, fresh ? Value() : Value(*before),
        Value(*after));
  Reply reply = answer(name, fresh ? "created" : "updated", *after);
  reply.touched = std::move(touched);
  return touching(std::move(reply), Touched::What::tag, name);
}

Reply write_tag(Session& session, const Call& call, bool fresh) {
  Body body;
  Reply reply;
  if (!call.caller.is_admin()) return admin_only(call, 403);
  if (!read_with_budget(call, k_fields, body, reply)) return reply;
  if (body.text("name").empty())
    return invalid("body", "name", "String should have at least 1 character", "string_too_short");
  return write(session, [&] { return save(session, call, body, fresh); });
}

Reply create(Session& session, const Call& call) { return write_tag(session, call, true); }
Reply update(Session& session, const Call& call) { return write_tag(session, call, false); }

Reply info(Session& session, const Call& call) {
  constexpr Field k_names[] = {{"names", Kind::texts, Home::input, true}};
  Body body;
  Reply reply;
  if (!call.caller.may_read_all()) return admin_only(call, 403);
  if (!read_body(call, k_names, body, reply)) return reply;
  const auto names = body.texts("names");
  auto rows = find_rows(session, k_table, "tag_name", names);
  if (!rows) return rows.error();
  if (auto done = link_rows(session, *rows); !done) return done.error();
  ValueMap out;
  for (const auto& row : *rows) out.emplace_back(text_of(row, "tag_name"), shown_in_full(row));
  std::vector<std::string> missing;
  for (const auto& name : names)
    if (at(out, name).is_null()) missing.push_back(name);
  if (!missing.empty()) return detail_text(404, "Tags not found: " + python_list(missing));
  return ok(Value(std::move(out)));
}

Reply remove(Session& session, const Call& call) {
  constexpr Field k_name[] = {{"name", Kind::text, Home::input, true}};
  Body body;
  Reply reply;
  if (!call.caller.is_admin()) return admin_only(call, 403);
  if (!read_body(call, k_name, body, reply)) return reply;
  const std::string name = body.text("name");
  reply = write(session, [&]() -> Reply {
    auto row = find_row(session, k_table, "tag_name", text_value(name));
    if (!row) return row.error();
    if (row->empty()) return detail_text(404, "Tag " + name + " not found");
    if (auto gone = remove_rows(session, k_table, "tag_name", {name}); !gone) return gone.error();
    audit(session, call, k_table, "deleted", name, Value(*row), Value());
    return ok(Value(ValueMap{{"message", text_value("Tag " + name + " deleted successfully")}}));
  });
  return touching(std::move(reply), Touched::What::tag, name);
}

/// Keys whose tags the caller may see; nothing = all.
Out<std::optional<std::vector<std::string>>> visible_keys(Session& session, const Call& call) {
  if (call.caller.may_read_all()) return std::optional<std::vector<std::string>>();
  std::vector<std::string> keys;
  if (!call.caller.key_hash.empty()) keys.push_back(call.caller.key_hash);
  if (!call.caller.user_id.empty()) {
    auto rows = find_rows(session, "VerificationToken", "user_id", {call.caller.user_id});
    if (!rows) return rows.error();
    for (const auto& row : *rows) keys.push_back(text_of(row, "token"));
  }
  return std::optional(std::move(keys));
}

/// Tags that requests carried: name, first and last day's row.
Out<Rows> used_tags(Session& session, const Call& call) {
  auto keys = visible_keys(session, call);
  if (!keys) return keys.error();
  std::vector<Value> values;
  std::string where = R"("tag" IS NOT NULL AND "tag" <> '')";
  const auto start = query_text(call, "start_date"), end = query_text(call, "end_date");
  if (start && end) {
    where += R"( AND "date" >= $1 AND "date" <= $2)";
    values = {text_value(*start), text_value(*end)};
  }
  if (*keys) {
    std::string list;
    for (const auto& key : **keys) {
      values.push_back(text_value(key));
      list += (list.empty() ? "$" : ", $") + std::to_string(values.size());
    }
    if (list.empty()) return Rows();
    where += R"( AND "api_key" IN ()" + list + ")";
  }
  return stored(session.query(R"(SELECT "tag", MIN("created_at") AS "created_at", MAX("updated_at") AS )"
                              R"("updated_at" FROM "LiteLLM_DailyTagSpend" WHERE )" +
                                  where + R"( GROUP BY "tag" ORDER BY "tag")",
                              values));
}

Out<void> check_dates(const Call& call) {
  const auto start = query_text(call, "start_date"), end = query_text(call, "end_date");
  if (start.has_value() != end.has_value())
    return detail_text(400, "start_date and end_date must be provided together");
  if (!start) return {};
  for (const auto& day : {*start, *end})
    if (day.size() != 10 || !storage::read_time(day))
      return detail_text(400, "Invalid date format, expected YYYY-MM-DD: " + day.substr(0, 40));
  if (*start > *end) return detail_text(400, "start_date must be on or before end_date");
  return {};
}

Reply list(Session& session, const Call& call) {
  if (auto fine = check_dates(call); !fine) return fine.error();
  auto used = used_tags(session, call);
  if (!used) return used.error();
  auto stored_rows = stored(session.select(Select{std::string(k_table), {}, {{"tag_name", false}}}));
  if (!stored_rows) return stored_rows.error();
  if (auto done = link_rows(session, *stored_rows); !done) return done.error();
  std::vector<std::string> used_names, names;
  for (const auto& row : *used) used_names.push_back(text_of(row, "tag"));
  ValueList out;
  for (const auto& row : *stored_rows) {
    names.push_back(text_of(row, "tag_name"));
    if (call.caller.may_read_all() || contains(used_names, names.back())) out.push_back(shown_in_full(row));
  }
  for (const auto& row : *used)
    if (!contains(names, text_of(row, "tag")))
      out.emplace_back(ValueMap{{"name", at(row, "tag")},
                                {"description", text_value(k_dynamic)},
                                {"models", Value()},
                                {"created_at", at(row, "created_at")},
                                {"updated_at", at(row, "updated_at")}});
  return ok(Value(std::move(out)));
}

constexpr Route k_routes[] = {
    {"/tag/delete", k_post, remove, "Delete a tag"},
    {"/tag/info", k_post, info, "Tags by name"},
    {"/tag/list", k_get, list, "Stored tags and those that requests carried"},
    {"/tag/new", k_post, create, "Create a tag"},
    {"/tag/update", k_post, update, "Change a tag"},
};

} // namespace

std::span<const Route> tag_routes() { return k_routes; }

} // namespace switchyard::management
