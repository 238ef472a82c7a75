// Baseten's first one-shot route (app.baseten.co/models/<id>/predict), for ids of seven characters. Pure, any
// thread.
#include "providers/legacy/common.hpp"
#include "providers/legacy/families.hpp"

namespace switchyard::providers::legacy {
namespace {

using std::string_view;

Result<void> prepare(FamilyTarget& target, const LitellmParams&, EnvLookup) {
  target.provider = "baseten"; // the row's name only tells its route
  if (!target.key.empty())
    target.lines.push_back({"Authorization", "Api-Key " + std::string(target.key.reveal()), true});
  return {};
}

bool takes(const FamilyTarget&, const Call&, string_view param) {
  return has_word("max_tokens max_completion_tokens temperature top_p", param);
}

Result<void> encode(Job& job, Upstream& out) {
  if (auto checked = check_messages(job); !checked) return checked;
  auto model = model_path(job.target, job.call.model);
  if (!model) return model.error();
  ValueMap body;
  set(body, "prompt", Value(joined_contents(job.request, " ")));
  rename(job.request, "temperature top_p", body);
  put_limit(job.request, "max_tokens", body);
  copy_extras(job.request, body);
  out.path = path_of(job.target, "/models/" + *model + "/predict");
  out.body = to_json(Value(std::move(body)));
  return {};
}

/// The model's owner chose the shape of its output; these are those that were seen.
const std::string* find_text(const Value& value) {
  if (auto* text = value.as_string()) return text;
  if (auto* list = value.as_list()) return list->empty() ? nullptr : find_text(list->front());
  for (auto key : {"model_output", "data", "completion", "generated_text", "output"})
    if (auto* inner = value.find(key))
      if (auto* text = find_text(*inner)) return text;
  return nullptr;
}

Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                    string_view client_model, Answer& out) {
  auto root = parse_json(answer.body);
  if (!root) return invalid_answer(target, answer.body);
  if (has(*root, "error")) return failed_answer(target, answer.body);
  auto* text = find_text(*root);
  if (!text) return invalid_answer(target, answer.body);
  answer_text(*text, "stop", {}, call, client_model, out);
  return {};
}

} // namespace

const Family k_baseten{.name = "baseten_predict",
                       .prepare = prepare,
                       .takes = takes,
                       .encode = encode,
                       .decode = decode,
                       .stream = nullptr};

} // namespace switchyard::providers::legacy
