// Writes generationConfig: sampling, limits, output format, thinking, voices. Pure, any thread.
#include "providers/google/params.hpp"

#include "providers/family/chat.hpp"
#include "providers/google/schema.hpp"
#include "providers/prompts/prompts.hpp"

#include <switchyard/json.hpp>

#include <array>
#include <utility>

namespace switchyard::providers::google {
namespace {

using std::string_view;

Value text_value(string_view text) { return Value(std::string(text)); }

struct Renamed {
  string_view from, to;
};
constexpr std::array k_renamed{Renamed{"temperature", "temperature"},
                               Renamed{"top_p", "topP"},
                               Renamed{"top_k", "topK"},
                               Renamed{"n", "candidateCount"},
                               Renamed{"seed", "seed"},
                               Renamed{"frequency_penalty", "frequencyPenalty"},
                               Renamed{"presence_penalty", "presencePenalty"},
                               Renamed{"logprobs", "responseLogprobs"},
                               Renamed{"top_logprobs", "logprobs"}};
/// Gemini's own members, which clients may send beside OpenAI's.
constexpr std::array<string_view, 24> k_own{"topP",
                                            "topK",
                                            "maxOutputTokens",
                                            "candidateCount",
                                            "stopSequences",
                                            "responseSchema",
                                            "response_schema",
                                            "responseJsonSchema",
                                            "response_json_schema",
                                            "responseMimeType",
                                            "response_mime_type",
                                            "responseModalities",
                                            "response_modalities",
                                            "responseLogprobs",
                                            "speechConfig",
                                            "speech_config",
                                            "thinkingConfig",
                                            "thinking_config",
                                            "imageConfig",
                                            "image_config",
                                            "mediaResolution",
                                            "media_resolution",
                                            "audioTimestamp",
                                            "routingConfig"};

/// {"effort": ..} is how the responses API says it.
std::string effort_text(const Value& effort) {
  if (effort.as_string()) return *effort.as_string();
  return std::string(text_at(effort, "effort"));
}

string_view level_of(const Model& model, string_view effort) {
  if (effort == "minimal") return model.flash ? "minimal" : "low";
  if (effort == "low") return "low";
  if (effort == "medium") return model.flash || model.generation > 30 ? "medium" : "high";
  if (effort == "high" || effort == "xhigh" || effort == "max") return "high";
  return {};
}

Result<void> effort_config(const Job& job, const Model& model, const std::string& effort, ValueMap& config) {
  const bool off = effort == "none" || effort == "disable";
  ValueMap thinking;
  if (model.gemini3()) {
    auto level = off ? (model.flash ? string_view("minimal") : string_view("low")) : level_of(model, effort);
    if (level.empty()) return bad_request(job.target, "reasoning_effort: '" + effort + "' is not known");
    thinking.emplace_back("thinkingLevel", text_value(level));
  } else {
    auto budget = effort_budget(effort);
    if (!budget) return bad_request(job.target, "reasoning_effort: '" + effort + "' is not known");
    if (effort == "minimal") budget = model.lite ? 512 : model.flash ? 1 : 128;
    thinking.emplace_back("thinkingBudget", Value(*budget));
  }
  thinking.emplace_back("includeThoughts", Value(!off));
  set(config, "thinkingConfig", Value(std::move(thinking)));
  return {};
}

/// Anthropic's {"type":"enabled","budget_tokens":N}.
void thinking_config(const Value& asked, ValueMap& config) {
  const bool off = text_at(asked, "type") == "disabled";
  ValueMap thinking;
  auto budget = asked.find("budget_tokens");
  if (off) budget = nullptr, thinking.emplace_back("thinkingBudget", Value(std::int64_t{0}));
  const bool none = off || (budget && budget->as_int() && *budget->as_int() == 0);
  thinking.emplace_back("includeThoughts", Value(!none));
  if (budget && budget->as_int()) thinking.emplace_back("thinkingBudget", *budget);
  set(config, "thinkingConfig", Value(std::move(thinking)));
}

Result<void> write_thinking(Job& job, const Model& model, ValueMap& config) {
  auto effort = take(job.request, "reasoning_effort");
  auto thinking = take(job.request, "thinking");
  if (effort && thinking && model.gemini3() && !drops_params(job.target, job.call))
    return unsupported_params(job.target,
                              "reasoning_effort (a thinking level) and thinking (a budget) exclude "
                              "each other: send one of them");
  if (thinking) return thinking_config(*thinking, config), Result<void>{};
  return effort ? effort_config(job, model, effort_text(*effort), config) : Result<void>{};
}

/// Models without any JSON schema are told in words.
void tell_schema(const Job& job, const Value& schema, ValueMap& body) {
  Value part(ValueMap{{"text", Value(schema_prompt(schema, job.target.settings))}});
  for (auto& [name, value] : body)
    if (auto contents = std::get_if<ValueList>(&value.data()); name == "contents" && contents)
      contents->push_back(
          Value(ValueMap{{"role", text_value("user")}, {"parts", Value(ValueList{std::move(part)})}}));
}

Result<void> write_schema(const Job& job, const Model& model, const Value& schema, ValueMap& config,
                          ValueMap& body) {
  if (!model.takes_schema()) return tell_schema(job, schema, body), Result<void>{};
  if (model.takes_json_schema()) return set(config, "response_json_schema", schema), Result<void>{};
  auto cleaned = clean_schema(schema, true);
  if (!cleaned) return bad_request(job.target, "response_format: " + cleaned.error().message);
  set(config, "response_schema", std::move(*cleaned));
  return {};
}

Result<void> write_format(Job& job, const Model& model, ValueMap& config, ValueMap& body) {
  auto format = output_format(job.request);
  auto asked = job.request.find("response_format");
  if (!asked || asked->is_null()) return {};
  auto schema = format.schema;
  if (format.kind == OutputFormat::text)
    set(config, "response_mime_type", text_value("text/plain"));
  else
    set(config, "response_mime_type", text_value("application/json"));
  Result<void> done;
  if (schema && schema->as_map()) done = write_schema(job, model, *schema, config, body);
  take(job.request, "response_format");
  return done;
}

Result<void> write_voice(Job& job, ValueMap& config) {
  if (auto modalities = take(job.request, "modalities"); modalities && modalities->as_list()) {
    ValueList upper;
    for (auto& word : texts_of(&*modalities)) {
      for (auto& c : word) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
      upper.push_back(Value(std::move(word)));
    }
    set(config, "responseModalities", Value(std::move(upper)));
  }
  auto audio = take(job.request, "audio");
  if (!audio) return {};
  auto format = text_at(*audio, "format", "pcm16");
  if (format != "pcm16" && !drops_params(job.target, job.call))
    return unsupported_params(job.target,
                              "audio.format '" + std::string(format) + "': Gemini speaks pcm16 only");
  if (auto voice = text_at(*audio, "voice"); !voice.empty()) {
    Value name(ValueMap{{"voiceName", text_value(voice)}});
    Value prebuilt(ValueMap{{"prebuiltVoiceConfig", std::move(name)}});
    set(config, "speechConfig", Value(ValueMap{{"voiceConfig", std::move(prebuilt)}}));
  }
  return {};
}

void write_plain(Job& job, ValueMap& config) {
  for (auto& name : k_renamed)
    if (auto value = take(job.request, name.from)) set(config, name.to, std::move(*value));
  if (auto limit = max_tokens(job.request)) set(config, "maxOutputTokens", Value(*limit));
  take(job.request, "max_tokens"), take(job.request, "max_completion_tokens");
  if (auto stops = stop_list(job.request); !stops.empty()) set(config, "stopSequences", list_of(stops));
  take(job.request, "stop");
}

/// What the client says in Gemini's own words has the last one.
void write_own(Job& job, ValueMap& config) {
  for (auto name : k_own)
    if (auto value = take(job.request, name)) set(config, name, std::move(*value));
  auto whole = take_any(job.request, "generationConfig", "generation_config");
  if (whole)
    for (auto& [name, value] : map_of(*whole)) set(config, name, value);
}

} // namespace

std::optional<Value> take(Value& request, string_view key) {
  auto map = std::get_if<ValueMap>(&request.data());
  auto found = map ? request.find(key) : nullptr;
  if (!found) return std::nullopt;
  auto out = *found;
  switchyard::erase(*map, key);
  if (out.is_null()) return std::nullopt;
  return out;
}

std::optional<Value> take_any(Value& request, string_view one, string_view other) {
  auto out = take(request, one);
  auto second = take(request, other);
  return out ? std::move(out) : std::move(second);
}

Result<void> write_config(Job& job, const Model& model, ValueMap& body) {
  ValueMap config;
  write_plain(job, config);
  if (auto done = write_format(job, model, config, body); !done) return done;
  if (auto done = write_thinking(job, model, config); !done) return done;
  if (auto done = write_voice(job, config); !done) return done;
  write_own(job, config);
  Value whole(std::move(config));
  if (model.gemini3() && !whole.find("temperature")) set(whole, "temperature", Value(1.0));
  if (whole.as_map()->empty()) return {};
  set(body, "generationConfig", std::move(whole));
  return {};
}

void write_settings(Job& job, ValueMap& body, Upstream& out) {
  if (auto value = take_any(job.request, "safety_settings", "safetySettings"))
    set(body, "safetySettings", std::move(*value));
  if (auto value = take_any(job.request, "cached_content", "cachedContent"))
    set(body, "cachedContent", std::move(*value));
  const bool vertex = is_vertex(job.target);
  auto labels = take(job.request, "labels");
  if (labels && vertex) set(body, "labels", std::move(*labels)); // AI Studio refuses them
  auto tier = take(job.request, "service_tier");
  if (!tier || !tier->as_string()) return;
  auto word = *tier->as_string() == "auto"      ? "priority"
              : *tier->as_string() == "default" ? "standard"
                                                : *tier->as_string();
  if (!vertex) return set(body, "serviceTier", text_value(word));
  if (word != "standard") out.lines.push_back({"X-Vertex-AI-LLM-Shared-Request-Type", word});
}

} // namespace switchyard::providers::google
