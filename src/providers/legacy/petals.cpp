// Petals' public swarm: a form in, {"ok","outputs"} out. Pure, any thread.
#include "providers/legacy/common.hpp"
#include "providers/legacy/families.hpp"

namespace switchyard::providers::legacy {
namespace {

using std::string_view;

bool takes(const FamilyTarget&, const Call&, string_view param) {
  return has_word("max_tokens max_completion_tokens temperature top_p", param);
}

Result<void> encode(Job& job, Upstream& out) {
  if (auto checked = check_messages(job); !checked) return checked;
  ValueMap form;
  set(form, "model", text_value(job.call.model));
  set(form, "inputs", Value(prompt_of(job)));
  rename(job.request, "temperature top_p", form);
  put_limit(job.request, "max_new_tokens", form);
  copy_extras(job.request, form);
  for (auto& [key, value] : form) {
    if (value.as_list() || value.as_map() || value.is_null()) continue; // a form has no place for them
    out.body += out.body.empty() ? "" : "&";
    out.body += path_segment(key) + "=";
    out.body += path_segment(value.as_string() ? *value.as_string() : to_json(value));
  }
  out.lines.push_back({"Content-Type", "application/x-www-form-urlencoded", false});
  out.path = path_of(job.target, job.target.base.path.ends_with("/generate") ? "" : "/generate");
  return {};
}

Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                    string_view client_model, Answer& out) {
  auto root = read_object(target, answer.body);
  if (!root) return root.error();
  auto* text = root->find("outputs");
  if (!text || !text->as_string()) {
    auto* ok = root->find("ok");
    bool failed = ok && ok->as_bool() && !*ok->as_bool();
    return failed ? failed_answer(target, answer.body) : invalid_answer(target, answer.body);
  }
  answer_text(*text->as_string(), "stop", {}, call, client_model, out);
  return {};
}

std::string error_text(string_view body) {
  auto root = parse_json(body);
  return root ? std::string(text_at(*root, "traceback")) : std::string{};
}

} // namespace

const Family k_petals{.name = "petals",
                      .prepare = nullptr,
                      .takes = takes,
                      .encode = encode,
                      .decode = decode,
                      .stream = nullptr,
                      .error_text = error_text};

} // namespace switchyard::providers::legacy
