// IBM watsonx text chat: nearly OpenAI's format. Pure, any thread.
#include "providers/legacy/watsonx.hpp"

#include "providers/legacy/families.hpp"

namespace switchyard::providers::legacy {
namespace {

using std::string_view;

bool takes(const FamilyTarget&, const Call& call, string_view param) {
  if (call.endpoint == Endpoint::embeddings) return param == "user";
  if (call.endpoint == Endpoint::rerank)
    return has_word("query documents top_n return_documents max_tokens_per_doc", param);
  return has_word(
      "stream temperature max_tokens max_completion_tokens top_p frequency_penalty presence_penalty "
      "logprobs top_logprobs n seed stop tools tool_choice response_format reasoning_effort",
      param);
}

Result<void> encode(Job& job, Upstream& out) {
  if (job.call.endpoint == Endpoint::embeddings) return encode_watsonx_embeddings(job, out);
  if (job.call.endpoint == Endpoint::rerank) return encode_watsonx_rerank(job, out);
  if (auto checked = check_messages(job); !checked) return checked;
  ValueMap body = map_of(job.request);
  put_limit(job.request, "max_tokens", body);
  put_stops(job.request, "stop", body);
  for (auto key : {"model", "max_completion_tokens", "stream", "stream_options", "user", "tool_choice"})
    switchyard::erase(body, key);
  if (auto* choice = job.request.find("tool_choice"); choice && !choice->is_null())
    set(body, choice->as_string() ? "tool_choice_option" : "tool_choice", *choice);
  if (auto done = put_watsonx_model(job, body); !done) return done;
  auto path = watsonx_path(job, job.call.stream ? "chat_stream" : "chat");
  if (!path) return path.error();
  out.path = std::move(*path);
  out.body = to_json(Value(std::move(body)));
  return {};
}

Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                    string_view client_model, Answer& out) {
  if (call.endpoint == Endpoint::embeddings)
    return decode_watsonx_embeddings(target, answer, client_model, out);
  if (call.endpoint == Endpoint::rerank) return decode_watsonx_rerank(target, call, answer, out);
  auto root = read_object(target, answer.body);
  if (!root) return root.error();
  for (auto key : {"model_id", "created_at", "model_version"})
    switchyard::erase(std::get<ValueMap>(root->data()), key);
  return answer_like_openai(target, *root, call, client_model, out);
}

class Stream final : public LikeOpenAiStream {
 public:
  using LikeOpenAiStream::LikeOpenAiStream;

 private:
  void on_data(string_view event, string_view data) override {
    if (event == "error") return fail(failed_answer(target_, data));
    LikeOpenAiStream::on_data(event, data);
  }
};

} // namespace

const Family k_watsonx{.name = "watsonx",
                       .prepare = prepare_watsonx,
                       .takes = takes,
                       .encode = encode,
                       .decode = decode,
                       .stream = make_stream<Stream>,
                       .classify = classify_predibase_like};

} // namespace switchyard::providers::legacy
