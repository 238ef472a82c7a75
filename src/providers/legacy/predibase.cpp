// Predibase: Hugging Face's text-generation-inference with adapters. Pure, any thread.
#include "providers/legacy/common.hpp"
#include "providers/legacy/families.hpp"
#include "providers/legacy/watsonx.hpp"

namespace switchyard::providers::legacy {
namespace {

using std::string_view;

Result<void> prepare(FamilyTarget& target, const LitellmParams&, EnvLookup env) {
  target.project = first_setting(target, "predibase_tenant_id tenant_id", "PREDIBASE_TENANT_ID", env);
  if (target.project.empty())
    return config_error("tenant_id",
                        "predibase needs a tenant: set litellm_params.tenant_id or PREDIBASE_TENANT_ID");
  return {};
}

bool takes(const FamilyTarget&, const Call&, string_view param) {
  return has_word("stream temperature max_tokens max_completion_tokens top_p stop n response_format", param);
}

/// Temperature 0 and no tokens are refused upstream.
void put_parameters(const Value& request, ValueMap& parameters) {
  rename(request, "temperature top_p", parameters);
  put_limit(request, "max_new_tokens", parameters);
  put_stops(request, "stop", parameters);
  double number = 0;
  if (auto* value = request.find("temperature"); value && value->number(number) && number <= 0)
    set(parameters, "temperature", Value(0.01));
  if (auto limit = max_tokens(request); limit && *limit <= 0)
    set(parameters, "max_new_tokens", Value(std::int64_t{1}));
  if (auto* n = request.find("n"); n && n->as_int() && *n->as_int() > 1)
    set(parameters, "best_of", *n), set(parameters, "do_sample", Value(true));
  if (auto* format = request.find("response_format"); format && !format->is_null())
    set(parameters, "response_format", *format);
  copy_extras(request, parameters);
  for (auto key : {"predibase_tenant_id", "tenant_id"}) switchyard::erase(parameters, key);
  set(parameters, "details", Value(true));
  if (!has(Value(parameters), "return_full_text")) set(parameters, "return_full_text", Value(false));
}

Result<void> encode(Job& job, Upstream& out) {
  if (auto checked = check_messages(job); !checked) return checked;
  auto model = model_path(job.target, job.call.model);
  if (!model) return model.error();
  ValueMap body, parameters;
  put_parameters(job.request, parameters);
  set(body, "inputs", Value(prompt_of(job)));
  set(body, "parameters", Value(std::move(parameters)));
  out.path = path_of(job.target, "/" + path_segment(job.target.project) + "/deployments/v2/llms/" + *model +
                                     (job.call.stream ? "/generate_stream" : "/generate"));
  out.body = to_json(Value(std::move(body)));
  return {};
}

Usage usage_from(const Value& details) {
  Usage usage;
  usage.prompt_tokens = count_at(details, "prompt_tokens");
  if (auto prefill = list_at(details, "prefill").size(); !usage.prompt_tokens)
    usage.prompt_tokens = static_cast<std::uint32_t>(prefill);
  usage.completion_tokens = count_at(details, "generated_tokens");
  if (usage.prompt_tokens || usage.completion_tokens) complete(usage);
  return usage;
}

Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                    string_view client_model, Answer& out) {
  auto root = read_object(target, answer.body);
  if (!root) return root.error();
  if (has(*root, "error")) return failed_answer(target, answer.body);
  auto* text = root->find("generated_text");
  if (!text || !text->as_string()) return invalid_answer(target, answer.body);
  auto* found = root->find("details");
  const Value& details = found ? *found : *root;
  ChatAnswer chat;
  auto& first = chat.choices.emplace_back();
  first.content = *text->as_string();
  first.finish = finish_reason(text_at(details, "finish_reason", "stop"));
  for (auto& other : list_at(details, "best_of_sequences")) {
    auto& choice = chat.choices.emplace_back();
    choice.content = std::string(text_at(other, "generated_text"));
    choice.finish = finish_reason(text_at(other, "finish_reason", "stop"));
  }
  chat.usage = out.usage = usage_from(details);
  out.body = write_chat(chat, call, client_model);
  return {};
}

class Stream final : public LikeOpenAiStream {
 public:
  using LikeOpenAiStream::LikeOpenAiStream;

 private:
  void on_object(const Value& chunk) override {
    auto* token = chunk.find("token");
    auto* special = token ? token->find("special") : nullptr;
    if (token && !(special && special->as_bool() && *special->as_bool())) text(text_at(*token, "text"));
    auto* details = chunk.find("details");
    if (!details || details->is_null()) return;
    if (auto usage = usage_from(*details); usage.present) usage_ = usage;
    finish_with(finish_reason(text_at(*details, "finish_reason", "stop")));
    end();
  }
};

} // namespace

const Family k_predibase{.name = "predibase",
                         .prepare = prepare,
                         .takes = takes,
                         .encode = encode,
                         .decode = decode,
                         .stream = make_stream<Stream>,
                         .classify = classify_predibase_like,
                         .error_text = error_without_bearer};

} // namespace switchyard::providers::legacy
