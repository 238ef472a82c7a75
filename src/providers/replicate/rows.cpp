// The registry row of Replicate, and the table of what it supplies. Immutable data, any thread.
#include "providers/replicate/rows.hpp"

#include "providers/replicate/replicate.hpp"

#include <array>

namespace switchyard::providers::replicate {
namespace {

using std::string_view;

bool takes(const FamilyTarget&, const Call&, string_view param) {
  return has_word("stream temperature max_tokens max_completion_tokens top_p stop seed", param);
}

Errc classify(const FamilyTarget&, int status, string_view body) {
  static constexpr auto k_phrases = std::to_array<ErrorPhrase>({
      {"Incorrect authentication token", Errc::authentication},
      {"input is too long", Errc::context_window_exceeded},
      {"Request was throttled", Errc::rate_limit},
  });
  static constexpr auto k_statuses =
      std::to_array<ErrorStatus>({{413, Errc::bad_request}, {500, Errc::service_unavailable}});
  return classify_by(body, status, k_phrases, k_statuses);
}

constexpr Family k_family{.name = "replicate",
                          .prepare = nullptr,
                          .takes = takes,
                          .encode = encode,
                          .decode = decode,
                          .stream = stream,
                          .classify = classify,
                          .follow_up = follow_up};

constexpr std::array k_rows{
    ProviderRow{.name = "replicate",
                .base_url = "https://api.replicate.com/v1",
                .base_env = "REPLICATE_API_BASE",
                .key_env = "REPLICATE_API_KEY REPLICATE_API_TOKEN",
                .endpoints = C,
                .auth = Auth::token_scheme,
                .errors = ErrorFamily::generic,
                .family = &k_family},
};

} // namespace

std::span<const ProviderRow> rows() noexcept { return k_rows; }

} // namespace switchyard::providers::replicate
