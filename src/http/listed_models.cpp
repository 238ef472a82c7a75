// Asks providers for their models, one row after another: nobody waits for more than a few of them.
#include "http/listed_models.hpp"

#include "http/token_desk.hpp"
#include "http/upstream/client.hpp"

#include <switchyard/credentials.hpp>
#include <switchyard/json_scan.hpp>
#include <switchyard/log.hpp>

#include <algorithm>

namespace switchyard::http {

namespace {

constexpr Millis k_fresh{300'000}, k_failed{30'000}, k_timeout{5'000};
constexpr std::size_t k_max_answer = 4 * 1024 * 1024, k_most_asked = 32;

std::string text_of(const ObjectScan& item, std::string_view key) {
  const auto* field = item.find(key);
  auto text = field && field->kind == JsonKind::string ? unescape(item.raw(*field)) : Result<std::string>("");
  return text ? std::move(*text) : std::string();
}

bool one_star(std::string_view pattern) { return std::count(pattern.begin(), pattern.end(), '*') == 1; }

bool stands_for_many(const Group& group, const Deployment& row) {
  return group.pattern && row.target && !row.target->answers_locally && one_star(group.name) &&
         one_star(row.target->model);
}

} // namespace

std::vector<std::string> read_model_list(std::string_view body) {
  constexpr std::string_view k_google = "models/";
  std::vector<std::string> out;
  ObjectScan list, item;
  if (!scan_object(body, list)) return out;
  const auto* field = list.find("data");
  const bool google = !field;
  if (google) field = list.find("models");
  std::string_view element;
  for (std::size_t at = 0; field && next_element(list.raw(*field), at, element);) {
    if (!element.starts_with('{') || !scan_object(element, item)) continue;
    auto id = text_of(item, google ? "name" : "id");
    if (google && id.starts_with(k_google)) id.erase(0, k_google.size());
    if (!id.empty()) out.push_back(std::move(id));
  }
  return out;
}

std::string client_name(std::string_view pattern, std::string_view upstream_pattern, std::string_view id) {
  const auto star = pattern.find('*'), hole = upstream_pattern.find('*');
  if (!one_star(pattern) || !one_star(upstream_pattern)) return {};
  const auto before = upstream_pattern.substr(0, hole), after = upstream_pattern.substr(hole + 1);
  if (id.size() < before.size() + after.size() || !id.starts_with(before) || !id.ends_with(after)) return {};
  const auto taken = id.substr(before.size(), id.size() - before.size() - after.size());
  return std::string(pattern.substr(0, star)).append(taken).append(pattern.substr(star + 1));
}

aw<Result<std::vector<std::string>>> ListedModels::ask(Shard& shard, Shard& tokens_home,
                                                       const providers::Target& target, CancelScope& cancel) {
  providers::Call call;
  call.now = shard.clock.wall();
  TokenPtr token; // as long as the call
  if (target.tokens) {
    auto fetched = co_await token_for(shard, tokens_home, target.tokens, cancel);
    if (!fetched) co_return fetched.error();
    token = std::move(*fetched), call.token = token.get();
  }
  providers::Forwarded asked;
  asked.method = "GET", asked.path = "/models", asked.below_base = true;
  providers::Wire wire;
  auto made = providers::provider_of(target).forward(target, call, asked, wire);
  if (!made) co_return made.error();
  upstream::Request request;
  request.origin = wire.origin, request.head = wire.head, request.body = wire.body;
  request.connect_timeout = request.first_byte_timeout = request.idle_timeout = k_timeout;
  request.deadline = shard.now() + k_timeout;
  auto reply = co_await shard.client->send(request, cancel);
  if (!reply) co_return reply.error();
  auto body = co_await settled(reply->read_all(k_max_answer, cancel));
  if (!body) co_return body.error();
  if (reply->status() != 200)
    co_return Error(Errc::bad_gateway, "GET /models: status " + std::to_string(reply->status()));
  co_return read_model_list(*body);
}

aw<std::vector<std::string>> ListedModels::names(Shard& shard, Shard& tokens_home, RoutingPtr routing,
                                                 CancelScope& cancel) {
  std::vector<std::string> out;
  std::size_t asked = 0;
  for (auto& group : routing->groups())
    for (auto& row : group->deployments) {
      if (!stands_for_many(*group, *row)) continue;
      const auto known = rows_.find(row->row.id);
      if ((known == rows_.end() || known->second.until <= shard.now()) && asked++ < k_most_asked) {
        auto told = co_await ask(shard, tokens_home, *row->target, cancel);
        if (cancel.cancelled()) co_return out;
        auto& entry = rows_[row->row.id];
        entry.until = shard.now() + (told ? k_fresh : k_failed);
        if (told)
          entry.ids = std::move(*told);
        else
          log::warning("models.not_listed", {{"model_id", row->row.id}, {"error", told.error().message}});
      }
      const auto ids = rows_.find(row->row.id);
      if (ids == rows_.end()) continue;
      for (auto& id : ids->second.ids)
        if (auto name = client_name(group->name, row->target->model, id);
            !name.empty() && std::find(out.begin(), out.end(), name) == out.end())
          out.push_back(std::move(name));
    }
  co_return out;
}

} // namespace switchyard::http
