// The parameter policy, one pass over the request's members: what is dropped, renamed, refused, defaulted.
// Pure, any thread. Members that no rule names are not touched.
#include "providers/openai/policy.hpp"

#include "providers/openai/json_edit.hpp"
#include "providers/openai/param_rules.hpp"
#include "providers/params.hpp"

#include <algorithm>

namespace switchyard::providers {
namespace {

using std::string_view;

bool is_true(string_view raw) {
  return raw == "true" || raw == "\"true\"" || raw == "\"1\"" || raw == "\"True\"";
}

std::vector<std::string> string_list(const ObjectScan& scan, string_view key) {
  std::vector<std::string> out;
  auto* field = scan.find(key);
  if (!field || field->kind != JsonKind::array) return out;
  std::size_t pos = 0;
  for (string_view element; next_element(scan.raw(*field), pos, element);)
    if (element.starts_with('"'))
      if (auto text = unescape(element)) out.push_back(std::move(*text));
  return out;
}

bool contains(const std::vector<std::string>& list, string_view key) {
  return std::find(list.begin(), list.end(), key) != list.end();
}

/// Unsupported, but never worth an error: LiteLLM drops these without a word.
bool is_tolerated(string_view key, string_view raw) {
  return key == "stream" || key == "stream_options" || key == "user" || key == "max_retries" ||
         (key == "n" && raw == "1");
}

class Policy {
 public:
  Policy(const OpenAiTarget& target, const Call& call, const ObjectScan& scan, JsonSplice& splice)
      : target_(target), call_(call), scan_(scan), splice_(splice),
        own_model_(!target.model_json.empty() && call.model == target.model),
        context_{target, scan, call.model, own_model_ ? target.family : family_of(target, call.model)},
        chat_(call.endpoint == Endpoint::chat), drop_(target.drop_params.value_or(call.drop_params)) {}

  Result<void> run() {
    gather();
    for (auto* field : gathered_) member(field->key, scan_.raw(*field), false);
    for (auto& item : target_.defaults) default_value(item);
    if (!special_refusal_.empty()) return unsupported("litellm.UnsupportedParamsError: " + special_refusal_);
    if (!refused_.empty()) return unsupported(refusal());
    set_model();
    stream_options();
    if (target_.row->has(k_usage_include) && chat_ && !scan_.find("usage"))
      splice_.set("usage", "{\"include\":true}");
    if (own_params_) merge_client_extra();
    for (auto& item : target_.extra_body) splice_.set(item.name, item.json);
    return {};
  }

  // What the request's own additional_drop_params name below the top level.
  std::vector<std::string> drop_paths() && {
    std::erase_if(drop_names_, [](auto& name) { return name.find_first_of(".[") == std::string::npos; });
    return std::move(drop_names_);
  }

 private:
  // Most members are nobody's business: one look at each key finds those that are.
  void gather() {
    const bool every = !own_model_ && !target_.model_json.empty(); // a health check may name another model
    for (auto& field : scan_.fields) {
      const bool likely = gateway_filter().may_hold(field.key) || may_have_gateway_prefix(field.key);
      const bool own = likely && is_gateway_param(field.key);
      own_params_ = own_params_ || own;
      if (own || every || target_.watched.may_hold(field.key)) gathered_.push_back(&field);
    }
    if (own_params_) read_own_params();
  }

  // What the client tells the policy itself, in parameters that only the gateway knows.
  void read_own_params() {
    allowed_ = string_list(scan_, "allowed_openai_params");
    drop_names_ = string_list(scan_, "additional_drop_params");
    if (auto* field = scan_.find("drop_params")) drop_ = is_true(scan_.raw(*field));
    if (drop_names_.empty()) return;
    gathered_.clear();
    for (auto& field : scan_.fields) gathered_.push_back(&field);
  }

  // One parameter, the client's or (added) a default of the row.
  void member(string_view key, string_view raw, bool added) {
    if (key == "model") return;
    if (is_gateway_param(key) || is_dropped(key) || (key == "metadata" && !forwards_metadata()))
      return drop(key, added);
    if (chat_ && is_unsupported(key)) return refuse_or_drop(key, raw, added);
    if (chat_ || call_.endpoint == Endpoint::completions) {
      if (auto to = renamed(key); !to.empty()) return rename(key, to, raw, added);
      auto verdict = judge_value(context_, key, raw);
      if (!verdict.refuse.empty()) return refuse_value(key, std::move(verdict.refuse), added);
      if (verdict.remove) return drop(key, added);
      if (verdict.replace) return splice_.set(key, *verdict.replace);
    }
    if (added) splice_.set(key, raw);
  }

  void default_value(const JsonParam& item) {
    auto* sent = scan_.find(item.name);
    if (!sent || sent->kind == JsonKind::null) member(item.name, item.json, true);
  }

  void drop(string_view key, bool added) {
    if (!added) splice_.remove(key);
  }

  bool is_dropped(string_view key) const {
    return contains(target_.drop_names, key) || contains(drop_names_, key);
  }

  // OpenAI's own field where it stores the answer; the gateway's bucket everywhere else.
  bool forwards_metadata() const {
    if (call_.endpoint == Endpoint::responses || target_.row->name == "litellm_proxy") return true;
    auto* store = scan_.find("store");
    return store && scan_.raw(*store) == "true";
  }

  bool is_unsupported(string_view key) const {
    auto& row = *target_.row;
    bool unknown = has_word(row.unsupported, key) || (row.has(k_classic_params) && is_newer_param(key)) ||
                   has_word(family_unsupported(context_.family), key);
    return unknown && !contains(target_.allowed, key) && !contains(allowed_, key);
  }

  void refuse_or_drop(string_view key, string_view raw, bool added) {
    if (!drop_ && raw != "null" && !is_tolerated(key, raw)) refused_.emplace_back(key);
    drop(key, added);
  }

  void refuse_value(string_view key, std::string text, bool added) {
    if (!drop_) special_refusal_ = std::move(text);
    drop(key, added);
  }

  string_view renamed(string_view key) const {
    if (context_.family != ModelFamily::plain && key == "max_tokens") return "max_completion_tokens";
    string_view to;
    any_word(target_.row->renames, [&](string_view word) {
      auto colon = word.find(':');
      if (word.substr(0, colon) != key) return false;
      to = word.substr(colon + 1);
      return true;
    });
    return to;
  }

  // The target's own spelling wins when the client sent both.
  void rename(string_view key, string_view to, string_view raw, bool added) {
    drop(key, added);
    if (!scan_.find(to)) splice_.set(to, raw);
  }

  void set_model() {
    auto* field = scan_.find("model");
    if (field && own_model_) {
      if (scan_.raw(*field) != target_.model_json) splice_.set_view(*field, target_.model_json);
      return;
    }
    auto json = json_string(upstream_model(*target_.row, call_.model));
    if (!field || scan_.raw(*field) != json) splice_.set("model", json);
  }

  void stream_options() {
    bool text = chat_ || call_.endpoint == Endpoint::completions;
    const bool wanted = call_.stream_usage_wanted || call_.count_usage;
    if (!call_.stream || !wanted || !text || is_unsupported("stream_options")) return;
    auto* field = scan_.find("stream_options");
    if (!field || field->kind != JsonKind::object)
      return splice_.set("stream_options", "{\"include_usage\":true}");
    ObjectScan options;
    if (!scan_object(scan_.raw(*field), options)) return;
    auto* usage = options.find("include_usage");
    if (usage && options.raw(*usage) == "true") return;
    JsonSplice inner(options);
    inner.set("include_usage", "true");
    splice_.set("stream_options", inner.str());
  }

  // `extra_body` in a raw body means what the SDKs do with it: its members join the top level.
  void merge_client_extra() {
    auto* field = scan_.find("extra_body");
    ObjectScan extra;
    if (!field || field->kind != JsonKind::object || !scan_object(scan_.raw(*field), extra)) return;
    for (auto& item : extra.fields)
      if (item.key != "model" && !is_gateway_param(item.key)) splice_.set(item.key, extra.raw(item));
  }

  // LiteLLM's text, its line breaks included.
  std::string refusal() const {
    std::string list = "[";
    for (auto& name : refused_) list.append(list.size() > 1 ? ", '" : "'").append(name).append("'");
    list += "]";
    return "litellm.UnsupportedParamsError: " + target_.provider + " does not support parameters: " + list +
           ", for model=" + std::string(call_.model) +
           ". To drop these, set `litellm.drop_params=True` or for proxy:\n\n`litellm_settings:\n "
           "drop_params: "
           "true`\n. \n If you want to use these params dynamically send allowed_openai_params=" +
           list + " in your request.";
  }

  static Error unsupported(std::string text) {
    Error error;
    error.code = Errc::unsupported_params;
    error.message = std::move(text);
    return error;
  }

  const OpenAiTarget& target_;
  const Call& call_;
  const ObjectScan& scan_;
  JsonSplice& splice_;
  bool own_model_; ///< the call is to the target's own model, for which it is prepared
  ParamContext context_;
  bool chat_, drop_;
  bool own_params_ = false; ///< the client sent parameters of the gateway's own
  boost::container::small_vector<const JsonField*, 16> gathered_;
  std::vector<std::string> allowed_, drop_names_, refused_;
  std::string special_refusal_;
};

} // namespace

Result<std::vector<std::string>> apply_policy(const OpenAiTarget& target, const Call& call,
                                              const ObjectScan& scan, JsonSplice& splice) {
  Policy policy(target, call, scan, splice);
  if (auto done = policy.run(); !done) return done.error();
  return std::move(policy).drop_paths();
}

void prepare_policy(OpenAiTarget& target) {
  auto& watched = target.watched;
  auto& row = *target.row;
  auto add = [&watched](string_view word) { return watched.add(word), false; };
  watched.add("metadata");
  for (auto& name : target.drop_names) watched.add(name);
  any_word(row.unsupported, add);
  if (row.has(k_classic_params))
    for (auto name : newer_params()) watched.add(name);
  any_word(row.renames, [&](string_view word) { return add(word.substr(0, word.find(':'))); });
  const bool pattern = target.model.find('*') != std::string::npos;
  if (!pattern) target.model_json = json_string(upstream_model(row, target.model));
  target.family = family_of(target, target.model);
  const bool reasons = pattern || target.family != ModelFamily::plain;
  watch_judged(row, reasons, watched);
  if (!reasons) return;
  watched.add("max_tokens");
  for (auto family : {ModelFamily::o_series, ModelFamily::gpt5, ModelFamily::gpt5_sampling})
    any_word(family_unsupported(family), add);
}

} // namespace switchyard::providers
