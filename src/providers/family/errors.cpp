// Failures of own-format providers in LiteLLM's words (spec providers.md 5). Pure, any thread.
#include "providers/openai/errors.hpp"

#include "providers/family/family.hpp"

namespace switchyard::providers {

using std::string_view;

Error upstream_error(const FamilyTarget& target, int status, string_view body) {
  auto& row = *target.row;
  ErrorClass found;
  if (row.family->classify)
    found.code = row.family->classify(target, status, body);
  else
    found.code = Errc::none;
  if (found.code == Errc::none) found = classify(row, status, body);
  auto text = row.family->error_text ? row.family->error_text(body) : upstream_message(row, status, body);
  if (text.empty()) text = upstream_message(row, status, body);
  return worded_error(row, target.provider, found, status, without_secrets(std::move(text), target.key));
}

Error invalid_answer(const FamilyTarget& target, string_view body) {
  return invalid_answer_error(target.provider, target.key, body);
}

Error unsupported_params(const FamilyTarget& target, string_view why) {
  Error error;
  error.code = Errc::unsupported_params;
  error.message = "litellm.UnsupportedParamsError: " + target.provider + ": " + std::string(why) +
                  ". To drop these, set `litellm.drop_params=True` or for proxy:\n\n`litellm_settings:\n "
                  "drop_params: true`\n";
  return error;
}

Error bad_request(const FamilyTarget& target, string_view why) {
  Error error;
  error.code = Errc::bad_request;
  error.message =
      "litellm.BadRequestError: " + exception_label(target.provider) + "Exception - " + std::string(why);
  return error;
}

} // namespace switchyard::providers
