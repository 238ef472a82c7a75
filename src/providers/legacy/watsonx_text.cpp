// IBM watsonx text generation: a prompt and parameters. Pure, any thread.
#include "providers/legacy/families.hpp"
#include "providers/legacy/watsonx.hpp"

namespace switchyard::providers::legacy {
namespace {

using std::string_view;

bool takes(const FamilyTarget& target, const Call& call, string_view param) {
  if (call.endpoint != Endpoint::chat) return k_watsonx.takes(target, call, param);
  return has_word("stream temperature top_p max_tokens max_completion_tokens frequency_penalty seed stop",
                  param);
}

Result<void> encode(Job& job, Upstream& out) {
  if (job.call.endpoint != Endpoint::chat) return k_watsonx.encode(job, out);
  if (auto checked = check_messages(job); !checked) return checked;
  ValueMap body, parameters;
  set(body, "input", Value(prompt_of(job)));
  if (auto* moderations = job.request.find("moderations")) set(body, "moderations", *moderations);
  rename(job.request, "temperature top_p frequency_penalty:repetition_penalty seed:random_seed", parameters);
  put_limit(job.request, "max_new_tokens", parameters);
  put_stops(job.request, "stop_sequences", parameters);
  copy_extras(job.request, parameters);
  for (auto key : {"moderations", "project_id", "space_id", "watsonx_project", "project",
                   "deployment_space_id", "token", "zen_api_key", "iam_url"})
    switchyard::erase(parameters, key);
  set(body, "parameters", Value(std::move(parameters)));
  if (auto done = put_watsonx_model(job, body); !done) return done;
  auto path = watsonx_path(job, job.call.stream ? "generation_stream" : "generation");
  if (!path) return path.error();
  out.path = std::move(*path);
  out.body = to_json(Value(std::move(body)));
  return {};
}

string_view finish_of(string_view reason) {
  return reason == "token_limit" || reason == "time_limit" ? "length" : finish_reason(reason);
}

Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                    string_view client_model, Answer& out) {
  if (call.endpoint != Endpoint::chat) return k_watsonx.decode(target, call, answer, client_model, out);
  auto root = read_object(target, answer.body);
  if (!root) return root.error();
  auto* result = first_of(*root, "results");
  auto* text = result ? result->find("generated_text") : nullptr;
  if (!text || !text->as_string()) return invalid_answer(target, answer.body);
  Usage usage;
  usage.prompt_tokens = count_at(*result, "input_token_count");
  usage.completion_tokens = count_at(*result, "generated_token_count");
  complete(usage);
  answer_text(*text->as_string(), finish_of(text_at(*result, "stop_reason")), usage, call, client_model, out);
  return {};
}

class Stream final : public LikeOpenAiStream {
 public:
  using LikeOpenAiStream::LikeOpenAiStream;

 private:
  // Counts are totals so far; the prompt's come with the first event only.
  void on_object(const Value& chunk) override {
    auto* result = first_of(chunk, "results");
    if (!result) return;
    if (auto prompt = count_at(*result, "input_token_count"); prompt > 0) usage_.prompt_tokens = prompt;
    if (auto made = count_at(*result, "generated_token_count"); made > 0) usage_.completion_tokens = made;
    usage_.total_tokens = 0;
    providers::complete(usage_);
    if (auto piece = text_at(*result, "generated_text"); !piece.empty()) text(piece);
    auto reason = text_at(*result, "stop_reason");
    if (!reason.empty() && reason != "not_finished") finish_with(finish_of(reason));
  }
};

} // namespace

const Family k_watsonx_text{.name = "watsonx_text",
                            .prepare = prepare_watsonx,
                            .takes = takes,
                            .encode = encode,
                            .decode = decode,
                            .stream = make_stream<Stream>,
                            .classify = classify_predibase_like};

} // namespace switchyard::providers::legacy
