// NLP Cloud's generation endpoint: one text in, one text out. Pure, any thread.
#include "providers/legacy/common.hpp"
#include "providers/legacy/families.hpp"

namespace switchyard::providers::legacy {
namespace {

using std::string_view;

bool takes(const FamilyTarget&, const Call&, string_view param) {
  return has_word(
      "max_tokens max_completion_tokens temperature top_p presence_penalty frequency_penalty n stop", param);
}

// Its stream is bare text whose end is a marker inside the text: a whole answer is asked for instead, and the
// base makes the client's stream of it.
Result<void> encode(Job& job, Upstream& out) {
  if (auto checked = check_messages(job); !checked) return checked;
  auto model = model_path(job.target, job.call.model);
  if (!model) return model.error();
  ValueMap body;
  set(body, "text", Value(joined_contents(job.request, " ")));
  rename(job.request, "temperature top_p presence_penalty frequency_penalty n:num_return_sequences", body);
  put_limit(job.request, "max_length", body);
  put_stops(job.request, "stop_sequences", body);
  copy_extras(job.request, body);
  if (!has(Value(body), "max_length")) set(body, "max_length", Value(std::int64_t{256}));
  out.path = path_of(job.target, "/" + *model + "/generation");
  out.body = to_json(Value(std::move(body)));
  return {};
}

Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                    string_view client_model, Answer& out) {
  auto root = read_object(target, answer.body);
  if (!root) return root.error();
  if (has(*root, "error")) return failed_answer(target, answer.body);
  auto* text = root->find("generated_text");
  if (!text || !text->as_string()) return invalid_answer(target, answer.body);
  Usage usage;
  usage.prompt_tokens = count_at(*root, "nb_input_tokens");
  usage.completion_tokens = count_at(*root, "nb_generated_tokens");
  complete(usage);
  answer_text(*text->as_string(), "stop", usage, call, client_model, out);
  return {};
}

Errc classify(const FamilyTarget&, int status, string_view body) {
  struct Row {
    int status;
    Errc code;
  };
  static constexpr Row k_statuses[] = {{400, Errc::bad_request},
                                       {406, Errc::bad_request},
                                       {413, Errc::bad_request},
                                       {422, Errc::bad_request},
                                       {401, Errc::authentication},
                                       {403, Errc::authentication},
                                       {522, Errc::timeout},
                                       {524, Errc::timeout},
                                       {402, Errc::rate_limit},
                                       {429, Errc::rate_limit},
                                       {500, Errc::api_error},
                                       {503, Errc::api_error},
                                       {504, Errc::service_unavailable},
                                       {520, Errc::service_unavailable}};
  if (body.find("Input text length should not exceed") != body.npos) return Errc::context_window_exceeded;
  if (body.find("value is not a valid") != body.npos) return Errc::bad_request;
  for (auto& row : k_statuses)
    if (row.status == status) return row.code;
  return Errc::none;
}

} // namespace

const Family k_nlp_cloud{.name = "nlp_cloud",
                         .prepare = nullptr,
                         .takes = takes,
                         .encode = encode,
                         .decode = decode,
                         .stream = nullptr,
                         .classify = classify};

} // namespace switchyard::providers::legacy
