// Paths of the endpoints on an OpenAI-style base URL. Immutable data, any thread.
#include <switchyard/provider.hpp>

#include <array>
#include <cstddef>

namespace switchyard {

std::string_view endpoint_path(Endpoint endpoint) noexcept {
  static constexpr std::array<std::string_view, static_cast<std::size_t>(Endpoint::k_count)> k_paths{
      "/chat/completions",
      "/completions",
      "/embeddings",
      "/responses",
      "/moderations",
      "/images/generations",
      "/images/edits",
      "/images/variations",
      "/audio/transcriptions",
      "/audio/translations",
      "/audio/speech",
      "/rerank",
      "/messages",
      "/messages/count_tokens",
      "",
      ""};
  return endpoint < Endpoint::k_count ? k_paths[static_cast<std::size_t>(endpoint)] : std::string_view{};
}

} // namespace switchyard
