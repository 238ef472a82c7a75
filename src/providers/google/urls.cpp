// Builds paths and hosts. Pure, any thread.
#include "providers/google/urls.hpp"

#include <utility>

namespace switchyard::providers::google {
namespace {

using std::string_view;

string_view last_segment(string_view path) noexcept { return path.substr(path.rfind('/') + 1); }

/// A base such as https://proxy/x/models/y: only the operation is missing.
bool is_whole(const BaseUrl& base) noexcept {
  return !base.path.empty() && !last_segment(base.path).starts_with("v1");
}

/// The base's own path, with the API's version when it has none.
std::string versioned(const BaseUrl& base, string_view version) {
  return base.path.empty() ? "/" + std::string(version) : base.path;
}

/// Models may hold '@' (versions) and ':' unescaped; a '/' would be another resource.
std::string model_segment(string_view id) {
  auto out = path_segment(id);
  for (auto at = out.find("%40"); at != std::string::npos; at = out.find("%40", at)) out.replace(at, 3, "@");
  return out;
}

Result<std::string> location_path(const Job& job, string_view version) {
  auto& target = job.target;
  string_view project = target.project;
  if (project.empty() && job.call.token) project = job.call.token->project;
  if (project.empty() && !target.key.empty())
    return "/" + std::string(version); // express mode: the key tells
  if (project.empty())
    return bad_request(target, "vertex_project is not set and the credentials name none: set "
                               "litellm_params.vertex_project or VERTEXAI_PROJECT");
  return versioned(target.base, version) + "/projects/" + path_segment(project) + "/locations/" +
         path_segment(target.region);
}

std::string operation_text(string_view operation) {
  if (operation.empty()) return {};
  return ":" + std::string(operation) + (operation == "streamGenerateContent" ? "?alt=sse" : "");
}

void finish(const BaseUrl& base, std::string path, Upstream& out) {
  out.path = std::move(path);
  if (!base.query.empty()) out.path += (out.path.find('?') == std::string::npos ? "?" : "&") + base.query;
}

} // namespace

std::string location_of(const LitellmParams& params, string_view model, EnvLookup env) {
  // These were never put into regions.
  if (model.find("gemini-3") != string_view::npos && model.find("preview") != string_view::npos)
    return "global";
  for (auto& [name, value] : params.raw)
    if (name == "vertex_location" || name == "vertex_ai_location")
      if (auto text = value.as_string(); text && !text->empty()) return *text;
  if (!params.region_name.empty()) return params.region_name;
  auto found = first_env("VERTEXAI_LOCATION VERTEX_LOCATION", env);
  return found.empty() ? "us-central1" : found;
}

std::string vertex_host(string_view location) {
  if (location == "global") return "https://aiplatform.googleapis.com";
  if (location == "us" || location == "eu")
    return "https://aiplatform." + std::string(location) + ".rep.googleapis.com";
  return "https://" + std::string(location) + "-aiplatform.googleapis.com";
}

Result<void> set_path(const Job& job, const Model& model, string_view operation, const Resource& resource,
                      Upstream& out) {
  auto& base = job.target.base;
  if (is_whole(base)) return finish(base, base.path + operation_text(operation), out), Result<void>{};
  std::string path;
  if (is_vertex(job.target)) {
    auto place = location_path(job, resource.version);
    if (!place) return place.error();
    path = *place + (model.own_endpoint ? "/endpoints/" + path_segment(model.id)
                                        : "/publishers/" + std::string(resource.publisher) + "/models/" +
                                              model_segment(model.id));
  } else {
    const bool tuned = model.id.starts_with("tunedModels/");
    path = versioned(base, "v1beta") + (tuned ? "/tunedModels/" + model_segment(model.id.substr(12))
                                              : "/models/" + model_segment(model.id));
  }
  finish(base, path + (resource.tail.empty() ? operation_text(operation) : std::string(resource.tail)), out);
  return {};
}

Result<void> set_location_path(const Job& job, string_view version, string_view rest, Upstream& out) {
  auto& base = job.target.base;
  if (is_whole(base)) return finish(base, base.path, out), Result<void>{};
  auto place = location_path(job, version);
  if (!place) return place.error();
  finish(base, *place + "/" + std::string(rest), out);
  return {};
}

} // namespace switchyard::providers::google
