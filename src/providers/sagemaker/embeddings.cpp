// Embedding endpoints of SageMaker: JumpStart, Text Embeddings Inference, Voyage. Pure, any thread.
#include "providers/bedrock/tree.hpp"
#include "providers/family/chat.hpp"
#include "providers/sagemaker/sagemaker.hpp"

namespace switchyard::providers::sagemaker {
namespace {

using namespace bedrock;
using std::string_view;

/// The member that holds the texts says which container answers.
string_view texts_key(const Job& job) {
  if (job.call.model.find("voyage") != string_view::npos) return "input";
  const bool inference =
      !setting(job.target, "hf_model_name").empty() || job.call.model.find("tei") != string_view::npos;
  return inference ? "inputs" : "text_inputs";
}

/// {"embedding":[[..]]}, [[..]], {"data":[{"embedding":[..]}]}
std::vector<std::string> vectors_of(const Value& answer) {
  const Value* many = &answer;
  for (auto key : {"embedding", "embeddings", "data"})
    if (auto* found = answer.find(key)) many = found;
  std::vector<std::string> out;
  auto* list = many->as_list();
  if (!list || list->empty()) return out;
  if (!list->front().as_list() && !list->front().as_map()) return {to_json(*many)}; // of one text
  for (auto& item : *list) {
    auto* vector = item.as_map() ? item.find("embedding") : &item;
    if (!vector || !vector->as_list()) return {};
    out.push_back(to_json(*vector));
  }
  return out;
}

} // namespace

Result<std::string> encode_embeddings(Job& job) {
  auto input = take(job.request, "input");
  if (input.as_string()) input = Value(ValueList{input});
  if (!input.as_list() || input.as_list()->empty())
    return bad_request(job.target, "input must be a string or a list of strings");
  ValueMap body;
  put(body, texts_key(job), std::move(input));
  for (auto& [key, value] : map_of(job.request))
    if (!has_word("model encoding_format user model_id sagemaker_base_url", key) && !value.is_null())
      set(body, key, value);
  return to_json(Value(std::move(body)));
}

Result<void> decode_embeddings(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                               string_view client_model, Answer& out) {
  auto parsed = parse_json(answer.body);
  auto vectors = parsed ? vectors_of(*parsed) : std::vector<std::string>();
  if (vectors.empty()) return invalid_answer(target, answer.body);
  if (auto* usage = parsed->find("usage")) {
    out.usage.prompt_tokens = std::max(count_at(*usage, "prompt_tokens"), count_at(*usage, "total_tokens"));
    out.usage.total_tokens = out.usage.prompt_tokens, out.usage.present = true;
  }
  out.body = write_embeddings(vectors, out.usage, client_model.empty() ? call.model : client_model);
  return {};
}

} // namespace switchyard::providers::sagemaker
