// Replicate's predictions: create, read the stream or ask again until done, read the output. Pure; a decoder
// belongs to one stream on one shard.
#include "providers/replicate/replicate.hpp"

#include "providers/family/chunks.hpp"
#include "providers/prompts/prompts.hpp"

#include <switchyard/json.hpp>

#include <algorithm>

namespace switchyard::providers::replicate {
namespace {

using std::string_view;

constexpr std::size_t k_hash_size = 64;
constexpr int k_tries = 5;           ///< LiteLLM's, for an answer that is no stream
constexpr int k_stream_tries = 1200; ///< ten minutes
constexpr Millis k_stream_pause{500};

bool is_hash(string_view text) {
  return text.size() == k_hash_size && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

struct Address {
  std::string path, version;
};

/// Versions of anybody's models, official models, and deployments are made by three calls.
Result<Address> address_of(const FamilyTarget& target, string_view model) {
  auto& base = target.base;
  constexpr string_view k_deployments = "deployments/";
  const auto colon = model.rfind(':');
  const auto version = colon == string_view::npos ? model : model.substr(colon + 1);
  if (is_hash(version)) return Address{path_under(base, "/predictions"), std::string(version)};
  auto name = model_path(target, model.substr(0, colon));
  if (!name) return name.error();
  if (model.starts_with(k_deployments)) return Address{path_under(base, "/" + *name + "/predictions"), {}};
  return Address{path_under(base, "/models/" + *name + "/predictions"), {}};
}

string_view length_name(string_view model) {
  if (model.find("vicuna") != string_view::npos || model.find("flan") != string_view::npos)
    return "max_length";
  return model.find("codellama-13b") != string_view::npos ? "max_tokens" : "max_new_tokens";
}

/// Models that know a system prompt get it apart from the others.
ValueList take_system(const Job& job, ValueMap& input) {
  auto& messages = list_at(job.request, "messages");
  if (setting(job.target, "supports_system_prompt") != "true") return messages;
  ValueList others;
  std::string system;
  for (auto& message : messages) {
    const auto role = text_at(message, "role");
    if (role != "system" && role != "developer") {
      others.push_back(message);
      continue;
    }
    auto* content = message.find("content");
    system.append(system.empty() ? "" : "\n").append(content ? content_text(*content) : "");
  }
  if (!system.empty()) input.emplace_back("system_prompt", Value(std::move(system)));
  return others;
}

Result<void> put_prompt(const Job& job, ValueMap& input) {
  if (list_at(job.request, "messages").empty())
    return bad_request(job.target, "messages must be a list with at least one message");
  const auto messages = take_system(job, input);
  auto prompt = make_prompt(job.target.provider, job.call.model, messages, job.target.settings);
  if (prompt.images.size() > 1)
    return bad_request(job.target, "messages: Replicate's models take one image_url, these are " +
                                       std::to_string(prompt.images.size()));
  input.emplace_back("prompt", Value(std::move(prompt.text)));
  if (!prompt.images.empty()) input.emplace_back("image", Value(std::move(prompt.images.front())));
  return {};
}

} // namespace

Result<void> encode(Job& job, Upstream& out) {
  auto address = address_of(job.target, job.call.model);
  if (!address) return address.error();
  ValueMap body, input, rest;
  if (!address->version.empty()) body.emplace_back("version", Value(std::move(address->version)));
  if (auto done = put_prompt(job, input); !done) return done.error();
  if (auto most = max_tokens(job.request)) input.emplace_back(length_name(job.call.model), Value(*most));
  copy_renamed(job.request, input, "temperature top_p seed");
  if (auto stop = stop_list(job.request); !stop.empty()) { // models take one text with commas
    std::string joined;
    for (auto& word : stop) joined.append(joined.empty() ? "" : ",").append(word);
    input.emplace_back("stop_sequences", Value(std::move(joined)));
  }
  copy_rest(job, rest);
  for (auto& [key, value] : rest) {
    const bool of_body = has_word("webhook webhook_events_filter", key);
    if (key != "supports_system_prompt" && key != "input") set(of_body ? body : input, key, std::move(value));
  }
  if (auto* given = map_at(job.request, "input"))
    for (auto& [key, value] : map_of(*given)) set(input, key, value);
  if (job.call.stream) body.emplace_back("stream", Value(true));
  body.emplace_back("input", Value(std::move(input)));
  out.path = std::move(address->path);
  out.body = to_json(Value(std::move(body)));
  return {};
}

namespace {

bool is_open(string_view status) { return has_word("starting processing queued", status); }

/// A failure that Replicate did not word: the prediction did not end, or was ended.
Error unfinished(const FamilyTarget& target, const Value& prediction) {
  const ValueMap body{{"detail", Value("prediction " + std::string(text_at(prediction, "id")) + " is " +
                                       std::string(text_at(prediction, "status", "without a status")))}};
  return upstream_error(target, 422, to_json(Value(body)));
}

/// Replicate's own hosts of streams: the key goes there, and nowhere else.
const BaseUrl* stream_host(const FamilyTarget& target, const Origin& origin) {
  static const auto k_hosts = [] {
    std::vector<BaseUrl> out;
    for (auto url : {"https://stream.replicate.com", "https://streaming.api.replicate.com"})
      if (auto host = parse_base_url(url)) out.push_back(std::move(*host));
    return out;
  }();
  if (origin == target.base.origin) return &target.base;
  for (auto& host : k_hosts)
    if (host.origin == origin) return &host;
  return nullptr;
}

/// The prediction's events. False = it has none, or they are somewhere else.
bool ask_stream(const FamilyTarget& target, const Value& prediction, Upstream& out) {
  auto* urls = map_at(prediction, "urls");
  const auto url = parse_base_url(urls ? text_at(*urls, "stream") : string_view{});
  out.base = url ? stream_host(target, url->origin) : nullptr;
  if (!out.base) return false;
  out.method = "GET";
  out.path = path_under(*url, "");
  out.lines = {{"Accept", "text/event-stream"}, {"Cache-Control", "no-store"}};
  return true;
}

/// output: a piece of text; error: {"detail"}; done: {} or {"reason":"canceled"}.
class Events final : public ChunkStream {
 public:
  using ChunkStream::ChunkStream;

 private:
  void on_data(string_view event, string_view data) override {
    if (event == "output") return text(data);
    if (event == "error") return fail(upstream_error(target_, 400, data));
    if (event != "done") return;
    auto parsed = parse_json(data);
    if (const auto reason = parsed ? text_at(*parsed, "reason") : string_view{}; !reason.empty())
      return fail(upstream_error(target_, 422, data));
    end();
  }
};

} // namespace

std::unique_ptr<StreamDecoder> stream(const FamilyTarget& target, const Call& call, string_view model) {
  return std::make_unique<Events>(target, call, model);
}

Result<bool> follow_up(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer, int round,
                       Upstream& out, Millis& wait) {
  auto prediction = parse_json(answer.body);
  if (!prediction) return invalid_answer(target, answer.body);
  if (!is_open(text_at(*prediction, "status")) || round >= (call.stream ? k_stream_tries : k_tries))
    return false;
  if (call.stream && ask_stream(target, *prediction, out)) return true;
  auto* urls = map_at(*prediction, "urls");
  auto url = parse_base_url(urls ? text_at(*urls, "get") : string_view{});
  if (!url) return invalid_answer(target, answer.body);
  // The key goes with it: only to where it was sent before.
  if (!(url->origin == target.base.origin)) return invalid_answer(target, answer.body);
  out.method = "GET";
  out.path = path_under(*url, "");
  wait = call.stream ? k_stream_pause : Millis{1000 + 2000 * round};
  return true;
}

Result<void> decode(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                    string_view model, Answer& out) {
  auto prediction = parse_json(answer.body);
  if (!prediction || !prediction->as_map()) return invalid_answer(target, answer.body);
  const auto status = text_at(*prediction, "status");
  if (status == "failed") return upstream_error(target, 400, answer.body);
  if (status != "succeeded") return unfinished(target, *prediction);
  std::string text;
  if (auto* output = prediction->find("output"); output && !output->is_null()) {
    auto* list = output->as_list();
    for (auto& piece : list ? *list : ValueList{*output})
      text += piece.as_string() ? *piece.as_string() : to_json(piece);
  }
  ChatChoice choice;
  choice.content = text.empty() ? " " : std::move(text);
  ChatAnswer chat;
  chat.id = text_at(*prediction, "id").empty() ? std::string()
                                               : "chatcmpl-" + std::string(text_at(*prediction, "id"));
  chat.model = "replicate/" + std::string(call.model);
  chat.choices.push_back(std::move(choice));
  if (auto* metrics = map_at(*prediction, "metrics"); metrics && metrics->find("input_token_count")) {
    chat.usage.prompt_tokens = count_at(*metrics, "input_token_count");
    chat.usage.completion_tokens = count_at(*metrics, "output_token_count");
    complete(chat.usage);
  }
  out.usage = chat.usage;
  out.body = write_chat(chat, call, model);
  return {};
}

} // namespace switchyard::providers::replicate
