// Images by InvokeModel: Titan and Nova Canvas, Stability's models. Pure, any thread.
#include "providers/bedrock/bedrock.hpp"
#include "providers/bedrock/tree.hpp"
#include "providers/family/chat.hpp"

#include <charconv>

namespace switchyard::providers::bedrock {
namespace {

using std::string_view;

/// "1024x768"
bool read_size(string_view size, std::int64_t& width, std::int64_t& height) noexcept {
  auto at = size.find('x');
  if (at == string_view::npos) return false;
  auto read = [](string_view text, std::int64_t& out) {
    auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), out);
    return problem == std::errc() && end == text.data() + text.size() && out > 0 && out < 100000;
  };
  return read(size.substr(0, at), width) && read(size.substr(at + 1), height);
}

void copy_rest(const Value& request, ValueMap& onto) {
  for (auto& [key, value] : map_of(request))
    if (!has_word("model prompt n size quality response_format user style model_id region_name", key) &&
        !value.is_null())
      set(onto, key, value);
}

ValueMap canvas_body(const Job& job, string_view prompt) {
  ValueMap body{{"taskType", str("TEXT_IMAGE")}}, config;
  put(body, "textToImageParams", tagged("text", str(prompt)));
  std::int64_t width = 0, height = 0;
  if (auto* n = job.request.find("n"); n && n->as_int()) put(config, "numberOfImages", *n);
  if (read_size(text_at(job.request, "size"), width, height))
    put(config, "width", num(width)), put(config, "height", num(height));
  if (auto quality = text_at(job.request, "quality"); !quality.empty())
    put(config, "quality",
        str(quality == "hd" || quality == "high" || quality == "premium" ? "premium" : "standard"));
  put(body, "imageGenerationConfig", Value(std::move(config)));
  copy_rest(job.request, body);
  return body;
}

ValueMap stability_body(const Job& job, const ModelRoute& route, string_view prompt) {
  ValueMap body;
  std::int64_t width = 0, height = 0;
  if (route.base.find("stable-diffusion-xl") == std::string::npos) {
    put(body, "prompt", str(prompt)); // sd3 and later
  } else {
    put(body, "text_prompts", Value(ValueList{tagged("text", str(prompt))}));
    if (read_size(text_at(job.request, "size"), width, height))
      put(body, "width", num(width)), put(body, "height", num(height));
  }
  copy_rest(job.request, body);
  return body;
}

} // namespace

Result<void> encode_images(Job& job, const ModelRoute& route, Upstream& out) {
  auto prompt = text_at(job.request, "prompt");
  if (prompt.empty()) return bad_request(job.target, "prompt is missing");
  const bool stability = route.base.starts_with("stability.");
  if (!stability && !route.base.starts_with("amazon."))
    return bad_request(job.target,
                       "model: images of Bedrock are built for Titan, Nova Canvas and Stability models");
  out.path = model_path(job.target, route, "invoke");
  out.body = to_json(Value(stability ? stability_body(job, route, prompt) : canvas_body(job, prompt)));
  return {};
}

Result<void> decode_images(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                           string_view, Answer& out) {
  auto parsed = parse_json(answer.body);
  if (!parsed) return invalid_answer(target, answer.body);
  ValueList data;
  for (auto& image : list_at(*parsed, "images"))
    if (image.as_string()) data.push_back(tagged("b64_json", image));
  for (auto& artifact : list_at(*parsed, "artifacts"))
    if (auto* image = artifact.find("base64"); image && image->as_string())
      data.push_back(tagged("b64_json", *image));
  if (data.empty()) return upstream_error(target, 400, answer.body);
  out.usage.images = static_cast<std::uint32_t>(data.size()), out.usage.present = true;
  const auto created = std::chrono::duration_cast<std::chrono::seconds>(call.now.time_since_epoch()).count();
  ValueMap body{{"created", num(created)}};
  put(body, "data", Value(std::move(data)));
  out.body = to_json(Value(std::move(body)));
  return {};
}

} // namespace switchyard::providers::bedrock
