// Bytez: messages and params in, one message out. Pure, any thread.
#include "providers/legacy/common.hpp"
#include "providers/legacy/families.hpp"

namespace switchyard::providers::legacy {
namespace {

using std::string_view;

bool takes(const FamilyTarget&, const Call&, string_view param) {
  return has_word("max_tokens max_completion_tokens temperature top_p n", param);
}

// Its stream is bare text without any framing: a whole answer is asked for, and the base makes a stream of
// it.
Result<void> encode(Job& job, Upstream& out) {
  if (auto checked = check_messages(job); !checked) return checked;
  auto model = model_path(job.target, job.call.model);
  if (!model) return model.error();
  ValueMap body, params;
  rename(job.request, "temperature top_p n:num_return_sequences", params);
  put_limit(job.request, "max_new_tokens", params);
  copy_extras(job.request, params);
  set(body, "messages", Value(list_at(job.request, "messages")));
  set(body, "stream", Value(false));
  set(body, "params", Value(std::move(params)));
  out.path = path_of(job.target, "/" + *model);
  out.body = to_json(Value(std::move(body)));
  return {};
}

Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                    string_view client_model, Answer& out) {
  auto root = read_object(target, answer.body);
  if (!root) return root.error();
  if (has(*root, "error")) return failed_answer(target, answer.body);
  auto* content = at(*root, {"output", "content"});
  if (!content) return invalid_answer(target, answer.body);
  answer_text(content_text(*content), "stop", {}, call, client_model, out);
  return {};
}

} // namespace

const Family k_bytez{.name = "bytez",
                     .prepare = nullptr,
                     .takes = takes,
                     .encode = encode,
                     .decode = decode,
                     .stream = nullptr};

} // namespace switchyard::providers::legacy
