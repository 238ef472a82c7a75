// What a call that is passed on asks for, as far as its path tells: whose format, which model, a stream or
// not. Pure.
#pragma once

#include <switchyard/provider.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace switchyard::http {

struct PassedCall {
  Endpoint endpoint = Endpoint::chat;
  std::string model; ///< of the path; "" = the body says
  std::string route; ///< word before the model that tells the translator which of its formats this is
  bool stream = false;
};

/// `path` = what follows the provider's prefix, without the query, as received. Nothing = a call that is not
/// priced: models, files, batches, token counts, or a path that is not known here.
std::optional<PassedCall> read_passed_call(std::string_view provider, std::string_view path);

} // namespace switchyard::http
