// Embeddings: AI Studio's batchEmbedContents, Vertex's :predict (text, multimodal, fine-tuned) and
// :embedContent. Pure, any thread.
#include "providers/credentials/digest.hpp"
#include "providers/google/answer.hpp"
#include "providers/google/messages.hpp"
#include "providers/google/params.hpp"
#include "providers/google/routes.hpp"
#include "providers/google/urls.hpp"

#include <switchyard/json.hpp>

#include <cstring>
#include <utility>

namespace switchyard::providers::google {
namespace {

using std::string_view;

enum class Form { batch, content, text, multimodal, tuned };

Form form_of(const FamilyTarget& target, const Model& model) noexcept {
  if (!is_vertex(target)) return Form::batch;
  if (model.own_endpoint) return Form::tuned;
  if (model.id.starts_with("multimodalembedding")) return Form::multimodal;
  return model.id.starts_with("gemini-embedding-2") ? Form::content : Form::text;
}

Value text_value(string_view text) { return Value(std::string(text)); }

Result<std::vector<std::string>> inputs_of(const Job& job) {
  auto input = job.request.find("input");
  if (input && input->as_string()) return std::vector<std::string>{*input->as_string()};
  if (!input || !input->as_list() || input->as_list()->empty())
    return bad_request(job.target, "input must be a text or a list of texts");
  std::vector<std::string> out;
  for (auto& item : *input->as_list()) {
    if (!item.as_string())
      return bad_request(job.target, "input[" + std::to_string(out.size()) +
                                         "] must be a text: Google takes no token ids");
    out.push_back(*item.as_string());
  }
  return out;
}

/// The parameters that clients spell in several ways.
struct Wishes {
  std::optional<Value> dimensions, task, title, truncate;
};
Wishes read_wishes(Job& job) {
  Wishes out;
  out.dimensions = take_any(job.request, "dimensions", "outputDimensionality");
  out.task = take_any(job.request, "task_type", "taskType");
  auto type = take(job.request, "input_type");
  if (!out.task) out.task = std::move(type);
  out.title = take(job.request, "title");
  out.truncate = take_any(job.request, "auto_truncate", "autoTruncate");
  for (auto name : {"input", "encoding_format", "user", "model"}) take(job.request, name);
  return out;
}

void put(ValueMap& object, string_view key, const std::optional<Value>& value) {
  if (value) set(object, key, *value);
}

/// A data URL or a file of Google's stands for its content.
Result<Value> part_of(const FamilyTarget& target, const std::string& input, const std::string& where) {
  if (!input.starts_with("data:") && !input.starts_with("gs://"))
    return Value(ValueMap{{"text", text_value(input)}});
  Value file(ValueMap{{"file_data", text_value(input)}});
  return media_part(target, Value(ValueMap{{"type", text_value("file")}, {"file", std::move(file)}}), where);
}

Result<Value> batch_body(Job& job, const Model& model, const std::vector<std::string>& inputs,
                         const Wishes& wishes) {
  ValueList requests;
  for (auto& input : inputs) {
    auto part = part_of(job.target, input, "input[" + std::to_string(requests.size()) + "]");
    if (!part) return part.error();
    ValueMap request{{"model", text_value("models/" + std::string(model.id))},
                     {"content", Value(ValueMap{{"parts", Value(ValueList{std::move(*part)})}})}};
    put(request, "taskType", wishes.task);
    put(request, "title", wishes.title);
    put(request, "outputDimensionality", wishes.dimensions);
    for (auto& [name, value] : map_of(job.request)) set(request, name, value);
    requests.push_back(Value(std::move(request)));
  }
  return Value(ValueMap{{"requests", Value(std::move(requests))}});
}

/// One content, however many parts: one vector.
Result<Value> content_body(Job& job, const std::vector<std::string>& inputs, const Wishes& wishes) {
  if (inputs.size() != 1)
    return bad_request(job.target, "input: this model embeds one input in a request on Vertex AI");
  auto part = part_of(job.target, inputs[0], "input");
  if (!part) return part.error();
  ValueMap body{{"content", Value(ValueMap{{"parts", Value(ValueList{std::move(*part)})}})}};
  put(body, "taskType", wishes.task);
  put(body, "title", wishes.title);
  put(body, "outputDimensionality", wishes.dimensions);
  put(body, "autoTruncate", wishes.truncate);
  for (auto& [name, value] : map_of(job.request)) set(body, name, value);
  return Value(std::move(body));
}

Value predict_body(Job& job, ValueList instances, ValueMap parameters) {
  for (auto& [name, value] : map_of(job.request)) set(parameters, name, value);
  ValueMap body{{"instances", Value(std::move(instances))}};
  if (!parameters.empty()) body.emplace_back("parameters", Value(std::move(parameters)));
  return Value(std::move(body));
}

Value text_body(Job& job, Form form, const std::vector<std::string>& inputs, const Wishes& wishes) {
  ValueList instances;
  for (auto& input : inputs) {
    ValueMap instance{{form == Form::tuned ? "inputs" : "content", text_value(input)}};
    put(instance, "task_type", wishes.task);
    put(instance, "title", wishes.title);
    instances.push_back(Value(std::move(instance)));
  }
  ValueMap parameters;
  put(parameters, "outputDimensionality", wishes.dimensions);
  put(parameters, "autoTruncate", wishes.truncate);
  return predict_body(job, std::move(instances), std::move(parameters));
}

bool is_video(string_view uri) noexcept { return mime_of_url(uri).starts_with("video/"); }

/// {"text"}, {"image":{gcsUri | bytesBase64Encoded}} or {"video":{gcsUri}}.
void add_multimodal(ValueMap& instance, const std::string& input) {
  if (input.starts_with("gs://"))
    set(instance, is_video(input) ? "video" : "image", Value(ValueMap{{"gcsUri", text_value(input)}}));
  else if (input.starts_with("data:"))
    set(instance, read_media(input).mime.starts_with("video/") ? "video" : "image",
        Value(ValueMap{{"bytesBase64Encoded", text_value(read_media(input).data)}}));
  else
    set(instance, "text", text_value(input));
}

// A text and the picture behind it are one instance, as Google describes it.
Value multimodal_body(Job& job, const std::vector<std::string>& inputs, const Wishes& wishes) {
  ValueList instances;
  if (auto own = take(job.request, "instances"); own && own->as_list()) instances = *own->as_list();
  auto media = [](const std::string& text) { return text.starts_with("gs://") || text.starts_with("data:"); };
  const bool given = !instances.empty();
  for (std::size_t i = 0; !given && i < inputs.size(); ++i) {
    ValueMap instance;
    add_multimodal(instance, inputs[i]);
    if (!media(inputs[i]) && i + 1 < inputs.size() && media(inputs[i + 1]))
      add_multimodal(instance, inputs[++i]);
    instances.push_back(Value(std::move(instance)));
  }
  ValueMap parameters;
  put(parameters, "dimension", wishes.dimensions);
  return predict_body(job, std::move(instances), std::move(parameters));
}

Result<void> encode(Job& job, const Model& model, Upstream& out) {
  const auto form = form_of(job.target, model);
  auto inputs = inputs_of(job);
  if (!inputs) return inputs.error();
  const auto wishes = read_wishes(job);
  Result<Value> body = Value{};
  switch (form) {
  case Form::batch:
    body = batch_body(job, model, *inputs, wishes);
    break;
  case Form::content:
    body = content_body(job, *inputs, wishes);
    break;
  case Form::multimodal:
    body = multimodal_body(job, *inputs, wishes);
    break;
  case Form::text:
  case Form::tuned:
    body = text_body(job, form, *inputs, wishes);
    break;
  }
  if (!body) return body.error();
  const string_view operation = form == Form::batch     ? "batchEmbedContents"
                                : form == Form::content ? "embedContent"
                                                        : "predict";
  if (auto done = set_path(job, model, operation, {}, out); !done) return done;
  out.body = to_json(*body);
  return {};
}

// -- answers

/// The client asked for base64: little-endian floats.
std::string packed(const Value& vector) {
  std::string bytes;
  for (auto& item : *vector.as_list()) {
    double number = 0;
    item.number(number);
    const auto narrow = static_cast<float>(number);
    std::uint32_t bits = 0;
    std::memcpy(&bits, &narrow, sizeof bits);
    for (int shift = 0; shift < 32; shift += 8) bytes += static_cast<char>(bits >> shift & 0xff);
  }
  return "\"" + to_base64(bytes) + "\"";
}

class Vectors {
 public:
  explicit Vectors(const Call& call) {
    auto field = call.json ? call.json->find("encoding_format") : nullptr;
    base64_ = field && call.json->raw(*field) == "\"base64\"";
  }
  void add(const Value* vector) {
    if (vector && vector->as_list()) all.push_back(base64_ ? packed(*vector) : to_json(*vector));
  }
  void add_prediction(const Value& prediction, Usage& usage) {
    if (auto list = prediction.as_list())
      return add(!list->empty() && (*list)[0].as_list() ? list->data() : &prediction);
    if (auto embeddings = prediction.find("embeddings")) {
      add(embeddings->find("values"));
      if (auto statistics = embeddings->find("statistics"))
        usage.prompt_tokens += count_at(*statistics, "token_count");
    }
    add(prediction.find("textEmbedding"));
    add(prediction.find("imageEmbedding"));
    for (auto& video : list_at(prediction, "videoEmbeddings")) add(video.find("embedding"));
  }
  std::vector<std::string> all;

 private:
  bool base64_ = false;
};

Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                    string_view client_model, Answer& out) {
  auto parsed = read_answer(target, answer.body);
  if (!parsed) return parsed.error();
  Vectors vectors(call);
  Usage usage;
  read_usage(*parsed, usage);
  for (auto& embedding : list_at(*parsed, "embeddings")) vectors.add(embedding.find("values"));
  if (auto one = parsed->find("embedding")) vectors.add(one->find("values"));
  for (auto& prediction : list_at(*parsed, "predictions")) vectors.add_prediction(prediction, usage);
  if (vectors.all.empty()) return invalid_answer(target, answer.body);
  if (usage.prompt_tokens) complete(usage);
  out.body = write_embeddings(vectors.all, usage, client_model.empty() ? call.model : client_model);
  out.usage = usage;
  return {};
}

} // namespace

const Handler k_embeddings{[](const FamilyTarget&, const Call&, string_view) { return true; }, encode, decode,
                           nullptr};

} // namespace switchyard::providers::google
