// Token ids as text. LiteLLM takes them for those of the model's vocabulary, which for other makers' models
// is cl100k_base. Pure, any thread.
#include "providers/family/token_text.hpp"

#include <switchyard/json.hpp>
#include <switchyard/provider_utils.hpp>

#include <algorithm>

namespace switchyard::providers {
namespace {

Error refused(std::string_view field, std::string_view why) {
  Error error(Errc::invalid_request, std::string(field) + ": " + std::string(why));
  error.extra().param = field;
  return error;
}

} // namespace

bool is_token_list(const Value& value) noexcept {
  auto* list = value.as_list();
  return list && !list->empty() &&
         std::all_of(list->begin(), list->end(), [](auto& id) { return id.as_int() != nullptr; });
}

Result<std::string> text_of_tokens(const Call& call, const Value& list, std::string_view field) {
  auto* tokenizer = call.tokenizers ? meter_of(*call.tokenizers, call.model).tokenizer : nullptr;
  if (!tokenizer)
    return refused(field, "token ids are OpenAI's, and this provider takes texts; with the vocabularies of "
                          "scripts/install_tokenizers.sh they would be decoded");
  std::vector<std::uint32_t> ids;
  for (auto& id : *list.as_list()) {
    if (*id.as_int() < 0 || *id.as_int() > UINT32_MAX)
      return refused(field, "holds a number that is no token");
    ids.push_back(static_cast<std::uint32_t>(*id.as_int()));
  }
  auto text = tokenizer->decode(ids);
  return text ? std::move(text) : refused(field, text.error().message);
}

Result<void> decode_inputs(const Call& call, Value& request) {
  auto* found = request.find("input");
  auto* list = found ? found->as_list() : nullptr;
  const bool installed = call.tokenizers && meter_of(*call.tokenizers, call.model).tokenizer;
  if (!list || !installed) return {}; // the families say what they do not take
  if (!is_token_list(*found) && std::none_of(list->begin(), list->end(), is_token_list)) return {};
  if (is_token_list(*found)) {
    auto text = text_of_tokens(call, *found, "input");
    if (!text) return text.error();
    return set(request, "input", Value(std::move(*text))), Result<void>();
  }
  ValueList inputs = *list;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!is_token_list(inputs[i])) continue;
    auto text = text_of_tokens(call, inputs[i], "input[" + std::to_string(i) + "]");
    if (!text) return text.error();
    inputs[i] = Value(std::move(*text));
  }
  return set(request, "input", Value(std::move(inputs))), Result<void>();
}

} // namespace switchyard::providers
