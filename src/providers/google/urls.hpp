// Paths and hosts of Google's APIs. Pure, any thread.
#pragma once

#include "providers/google/model.hpp"

#include <string>
#include <string_view>

namespace switchyard::providers::google {

/// vertex_location, else the environment, else us-central1; models that live in no region are "global".
std::string location_of(const LitellmParams& params, std::string_view model, EnvLookup env);
/// https://us-central1-aiplatform.googleapis.com, https://aiplatform.googleapis.com for "global".
std::string vertex_host(std::string_view location);

/// Which of Vertex's paths; AI Studio has one form only.
struct Resource {
  std::string_view publisher = "google"; ///< publishers/{publisher}/models/{id}
  std::string_view version = "v1";
  std::string_view tail = {}; ///< instead of ":{operation}", behind the resource: "/chat/completions"
};
/// Sets out.path to {resource}:{operation}. An api_base with a path of its own stands for the whole resource.
/// Fails when Vertex's project is known neither from the row nor from the credentials.
Result<void> set_path(const Job& job, const Model& model, std::string_view operation,
                      const Resource& resource, Upstream& out);
/// For paths that hang off the location: "endpoints/openapi/chat/completions".
Result<void> set_location_path(const Job& job, std::string_view version, std::string_view rest,
                               Upstream& out);

} // namespace switchyard::providers::google
