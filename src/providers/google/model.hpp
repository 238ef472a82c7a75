// What a model's name tells: who answers it and how, and what its generation can do. Pure, any thread.
#pragma once

#include "providers/family/family.hpp"

#include <cstdint>
#include <string_view>

namespace switchyard::providers::google {

/// Which API a chat request goes to.
enum class Route : std::uint8_t {
  gemini,        ///< generateContent
  claude,        ///< Anthropic's body, rawPredict
  openapi,       ///< endpoints/openapi/chat/completions
  self_deployed, ///< an endpoint of one's own that speaks OpenAI's format
  mistral,       ///< rawPredict, OpenAI's format
  ai21,          ///< likewise
  gemma,         ///< model garden: OpenAI's format inside :predict
  text,          ///< text-bison and its like: :predict
  chat,          ///< chat-bison and its like: :predict
  palm           ///< generateMessage, generateText
};

struct Model {
  Route route = Route::gemini;
  std::string_view id;       ///< without the words that name the route
  bool own_endpoint = false; ///< id is a Vertex endpoint: .../endpoints/{id}
  int generation = 20;       ///< 15 = 1.5, 25 = 2.5, 30 = 3.0; 20 when the name does not tell
  bool flash = false, lite = false;
  bool gemma = false;

  bool gemini3() const noexcept { return generation >= 30; }
  bool thinks() const noexcept { return generation >= 25 || own_endpoint; }
  bool takes_system() const noexcept { return !gemma; }
  /// None below 1.5; an OpenAPI schema there, JSON Schema from 2.0 on.
  bool takes_schema() const noexcept { return !gemma && generation >= 15; }
  bool takes_json_schema() const noexcept { return !gemma && generation >= 20; }
};

bool is_vertex(const FamilyTarget& target) noexcept;
Model read_model(const FamilyTarget& target, std::string_view model) noexcept;

} // namespace switchyard::providers::google
