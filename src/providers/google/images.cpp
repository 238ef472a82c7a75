// Images: Imagen's :predict, and Gemini's image models through generateContent. Pure, any thread.
#include "providers/google/answer.hpp"
#include "providers/google/params.hpp"
#include "providers/google/routes.hpp"
#include "providers/google/urls.hpp"

#include <switchyard/json.hpp>
#include <switchyard/json_scan.hpp>

#include <array>
#include <utility>

namespace switchyard::providers::google {
namespace {

using std::string_view;

Value text_value(string_view text) { return Value(std::string(text)); }

bool is_gemini(string_view model) noexcept { return model.find("gemini") != string_view::npos; }

/// The aspect ratio nearest to a size of OpenAI's; "" = not known.
string_view ratio_of(string_view size) noexcept {
  struct Size {
    string_view size, ratio;
  };
  static constexpr std::array k_sizes{
      Size{"256x256", "1:1"},    Size{"512x512", "1:1"},    Size{"1024x1024", "1:1"},
      Size{"1792x1024", "16:9"}, Size{"1024x1792", "9:16"}, Size{"1280x896", "4:3"},
      Size{"896x1280", "3:4"},   Size{"1536x1024", "4:3"},  Size{"1024x1536", "3:4"}};
  for (auto& known : k_sizes)
    if (known.size == size) return known.ratio;
  return size.find(':') != string_view::npos ? size : string_view{};
}

/// What is OpenAI's alone goes: Google always answers with base64.
Result<std::string> read_ratio(Job& job) {
  for (auto name : {"user", "response_format", "model"}) take(job.request, name);
  for (auto name : {"quality", "style", "background", "moderation", "output_compression"})
    if (take(job.request, name) && !drops_params(job.target, job.call))
      return unsupported_params(job.target, std::string(name) + " has no counterpart at Google");
  auto size = take(job.request, "size");
  if (!size || !size->as_string() || *size->as_string() == "auto") return std::string();
  auto ratio = ratio_of(*size->as_string());
  if (ratio.empty() && !drops_params(job.target, job.call))
    return unsupported_params(
        job.target, "size '" + *size->as_string() +
                        "': use 1024x1024, 1792x1024, 1024x1792, 1280x896, 896x1280 or a ratio (16:9)");
  return std::string(ratio);
}

Value imagen_body(Job& job, const std::string& prompt, const std::string& ratio) {
  auto count = take(job.request, "n");
  ValueMap parameters{{"sampleCount", count ? std::move(*count) : Value(std::int64_t{1})}};
  if (!ratio.empty()) set(parameters, "aspectRatio", text_value(ratio));
  for (auto& [name, value] : map_of(job.request)) set(parameters, name, value);
  Value instance(ValueMap{{"prompt", text_value(prompt)}});
  return Value(ValueMap{{"instances", Value(ValueList{std::move(instance)})},
                        {"parameters", Value(std::move(parameters))}});
}

Value gemini_body(Job& job, const std::string& prompt, const std::string& ratio) {
  ValueMap config{{"responseModalities", list_of({"TEXT", "IMAGE"})}};
  auto count = take(job.request, "n");
  if (count && count->as_int() && *count->as_int() > 1) set(config, "candidateCount", *count);
  if (!ratio.empty()) set(config, "imageConfig", Value(ValueMap{{"aspectRatio", text_value(ratio)}}));
  if (auto own = take_any(job.request, "generationConfig", "generation_config"))
    for (auto& [name, value] : map_of(*own)) set(config, name, value);
  Value part(ValueMap{{"text", text_value(prompt)}});
  Value content(ValueMap{{"role", text_value("user")}, {"parts", Value(ValueList{std::move(part)})}});
  ValueMap body{{"contents", Value(ValueList{std::move(content)})},
                {"generationConfig", Value(std::move(config))}};
  for (auto& [name, value] : map_of(job.request)) set(body, name, value);
  return Value(std::move(body));
}

Result<void> encode(Job& job, const Model& model, Upstream& out) {
  auto prompt = take(job.request, "prompt");
  if (!prompt || !prompt->as_string() || prompt->as_string()->empty())
    return bad_request(job.target, "prompt must be a text");
  auto ratio = read_ratio(job);
  if (!ratio) return ratio.error();
  const bool gemini = is_gemini(model.id);
  auto body = gemini ? gemini_body(job, *prompt->as_string(), *ratio)
                     : imagen_body(job, *prompt->as_string(), *ratio);
  if (auto done = set_path(job, model, gemini ? "generateContent" : "predict", {}, out); !done) return done;
  out.body = to_json(body);
  return {};
}

std::string write_images(const ValueList& images, const Usage& usage, const Call& call) {
  auto now = std::chrono::duration_cast<std::chrono::seconds>(call.now.time_since_epoch()).count();
  std::string out = "{\"created\":" + std::to_string(now) + ",\"data\":" + to_json(Value(images));
  if (usage.present)
    out += ",\"usage\":{\"input_tokens\":" + std::to_string(usage.prompt_tokens) +
           ",\"output_tokens\":" + std::to_string(usage.completion_tokens) +
           ",\"total_tokens\":" + std::to_string(usage.total_tokens) + "}";
  return out += "}";
}

Error filtered(const FamilyTarget& target, const std::string& reason) {
  Value error(ValueMap{{"message", text_value("Output blocked by content filtering policy" +
                                              (reason.empty() ? "" : ": " + reason))}});
  return upstream_error(target, 400, to_json(Value(ValueMap{{"error", std::move(error)}})));
}

/// Base64 of a data URL's image.
Value image_of(const Value& part) {
  auto url = image_url(part);
  return Value(ValueMap{{"b64_json", text_value(read_media(url).data)}});
}

Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer, string_view,
                    Answer& out) {
  auto parsed = read_answer(target, answer.body);
  if (!parsed) return parsed.error();
  ValueList images;
  std::string refusal;
  for (auto& prediction : list_at(*parsed, "predictions")) {
    auto bytes = text_at(prediction, "bytesBase64Encoded");
    if (!bytes.empty()) images.push_back(Value(ValueMap{{"b64_json", text_value(bytes)}}));
    if (refusal.empty()) refusal = text_at(prediction, "raiFilteredReason");
  }
  for (auto& candidate : list_at(*parsed, "candidates")) {
    for (auto& image : read_parts(candidate, call, 0).images) images.push_back(image_of(image));
    if (refusal.empty() && finish_of(candidate) == "content_filter")
      refusal = text_at(candidate, "finishReason");
  }
  // Imagen leaves `predictions` out when it filtered all of them.
  if (images.empty() && (!refusal.empty() || is_blocked(*parsed) || parsed->as_map()->empty()))
    return filtered(target, refusal);
  if (images.empty()) return invalid_answer(target, answer.body);
  read_usage(*parsed, out.usage);
  // Gemini's images are paid as tokens, Imagen's by the piece.
  if (!out.usage.present) out.usage.images = static_cast<std::uint32_t>(images.size());
  out.body = write_images(images, out.usage, call);
  return {};
}

} // namespace

const Handler k_images{[](const FamilyTarget&, const Call&, string_view) { return true; }, encode, decode,
                       nullptr};

} // namespace switchyard::providers::google
