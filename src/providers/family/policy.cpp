// The parameter policy for own-format families (spec providers.md 4): as the OpenAI rows' policy, on a tree.
// Pure, any thread.
#include "providers/family/policy.hpp"

#include "providers/family/chat.hpp"
#include "providers/family/token_text.hpp"
#include "providers/openai/json_edit.hpp"
#include "providers/params.hpp"
#include "providers/prompts/prompts.hpp"

#include <algorithm>

namespace switchyard::providers {
namespace {

using std::string_view;

bool contains(const std::vector<std::string>& list, string_view key) {
  return std::find(list.begin(), list.end(), key) != list.end();
}

bool is_true(const Value* value) {
  if (!value) return false;
  if (auto* flag = value->as_bool()) return *flag;
  auto* text = value->as_string();
  return text && (*text == "true" || *text == "True" || *text == "1");
}

/// Unsupported, but never worth an error: LiteLLM drops these without a word.
bool is_tolerated(string_view key, const Value& value) {
  auto* count = value.as_int();
  return key == "stream" || key == "stream_options" || key == "user" || key == "max_retries" ||
         key == "metadata" || (key == "n" && count && *count == 1);
}

/// What the client tells the gateway about its parameters.
struct Wishes {
  std::vector<std::string> allowed, drop_names;
  bool drop;
};

Wishes read_wishes(const FamilyTarget& target, const Call& call, const Value& request) {
  Wishes out{texts_of(request.find("allowed_openai_params")),
             texts_of(request.find("additional_drop_params")), drops_params(target, call)};
  if (auto* drop = request.find("drop_params")) out.drop = is_true(drop);
  return out;
}

bool takes(const FamilyTarget& target, const Call& call, string_view key) {
  auto* judge = target.row->family->takes;
  return judge ? judge(target, call, key) : !has_word(target.row->unsupported, key);
}

std::string refusal(const FamilyTarget& target, const Call& call, const std::vector<std::string>& names) {
  std::string list = "[";
  for (auto& name : names) list.append(list.size() > 1 ? ", '" : "'").append(name).append("'");
  list += "]";
  return "litellm.UnsupportedParamsError: " + target.provider + " does not support parameters: " + list +
         ", for model=" + std::string(call.model) +
         ". To drop these, set `litellm.drop_params=True` or for proxy:\n\n`litellm_settings:\n drop_params: "
         "true`\n. \n If you want to use these params dynamically send allowed_openai_params=" +
         list + " in your request.";
}

/// The client's own object: trailing commas taken out, fallback overrides and the row's defaults merged.
Result<Value> gather(const FamilyTarget& target, const Call& call) {
  auto text = call.json->trailing_commas.empty() ? std::string() : remove_commas(*call.json);
  auto request = parse_json(text.empty() ? call.json->text : string_view(text));
  if (!request) return request.error();
  if (!request->as_map()) return Error(Errc::invalid_request, "the body must be a JSON object");
  for (auto& item : call.overrides)
    if (item.name != "model" && !is_gateway_param(item.name))
      if (auto value = parse_json(item.json)) set(*request, item.name, std::move(*value));
  for (auto& item : target.defaults) {
    auto* sent = request->find(item.name);
    if (sent && !sent->is_null()) continue;
    if (auto value = parse_json(item.json)) set(*request, item.name, std::move(*value));
  }
  return request;
}

/// extra_body in a raw body means what the SDKs do with it; the row's own comes last.
void merge_extras(const FamilyTarget& target, const Value* clients, Value& request) {
  for (auto& [key, value] : clients ? map_of(*clients) : ValueMap{})
    if (key != "model" && !is_gateway_param(key)) set(request, key, value);
  for (auto& item : target.extra_body)
    if (auto value = parse_json(item.json)) set(request, item.name, std::move(*value));
}

Result<void> drop_nested(const std::vector<std::string>& paths, Value& request) {
  if (paths.empty()) return {};
  auto text = to_json(request);
  for (auto& path : paths)
    if (auto shorter = remove_path(text, path)) text = std::move(*shorter);
  auto parsed = parse_json(text);
  if (!parsed) return parsed.error();
  request = std::move(*parsed);
  return {};
}

/// add_function_to_prompt (of the row or of litellm_settings): tools that would be refused are said in words.
void say_functions(const FamilyTarget& target, const Call& call, const Wishes& wishes, Value& request) {
  if (!call.add_function_to_prompt && setting(target, "add_function_to_prompt") != "true") return;
  for (auto key : {"tools", "functions"})
    if (takes(target, call, key) || contains(target.allowed, key) || contains(wishes.allowed, key)) return;
  functions_into_prompt(request);
}

} // namespace

Result<Value> make_request(const FamilyTarget& target, const Call& call) {
  if (!call.json) return Value(ValueMap{});
  auto gathered = gather(target, call);
  if (!gathered) return gathered.error();
  const auto wishes = read_wishes(target, call, *gathered);
  const bool chat = call.endpoint == Endpoint::chat;
  if (chat) say_functions(target, call, wishes, *gathered);
  const auto known = openai_params(Endpoint::chat);
  std::vector<std::string> refused, paths = target.drop_paths;
  ValueMap kept;
  auto& given = std::get<ValueMap>(gathered->data());
  kept.reserve(given.size());
  for (auto& [key, value] : given) {
    if (key == "extra_body" || is_gateway_param(key) || contains(target.drop_names, key) ||
        contains(wishes.drop_names, key))
      continue;
    if (chat && std::binary_search(known.begin(), known.end(), string_view(key))) {
      if (value.is_null()) continue;
      const bool allowed = contains(target.allowed, key) || contains(wishes.allowed, key);
      if (!allowed && !takes(target, call, key)) {
        if (!wishes.drop && !is_tolerated(key, value)) refused.push_back(key);
        continue;
      }
    }
    kept.emplace_back(std::move(key), std::move(value));
  }
  if (!refused.empty()) return Error(Errc::unsupported_params, refusal(target, call, refused));
  for (auto& name : wishes.drop_names)
    if (name.find_first_of(".[") != std::string::npos) paths.push_back(name);
  Value request(std::move(kept));
  merge_extras(target, gathered->find("extra_body"), request);
  if (auto done = drop_nested(paths, request); !done) return done.error();
  if (call.endpoint == Endpoint::embeddings)
    if (auto done = decode_inputs(call, request); !done) return done.error();
  return request;
}

} // namespace switchyard::providers
