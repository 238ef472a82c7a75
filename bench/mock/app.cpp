// Answers requests and the control endpoints; one thread, no sockets.
#include "app.hpp"

#include "json.hpp"
#include "replies.hpp"

namespace switchyard::mock {
namespace {

Reply json_reply(std::string body) {
  Reply reply;
  reply.body = std::move(body);
  return reply;
}

/// {"status":500} is the word "status-500", {"stream_no_done":true} is "stream-no-done".
std::string word_of(std::string_view key, simdjson::dom::element value) {
  std::string word(key);
  for (char& c : word)
    if (c == '_') c = '-';
  std::string_view text;
  bool on = false;
  if (value.get(on) == simdjson::SUCCESS) return on ? word : std::string();
  return word + "-" + (value.get(text) == simdjson::SUCCESS ? std::string(text) : simdjson::minify(value));
}

std::string header_text(simdjson::dom::object headers) {
  std::string out;
  for (auto field : headers) {
    std::string_view value;
    if (field.value.get(value) == simdjson::SUCCESS)
      out.append(field.key).append(": ").append(value).append("\r\n");
  }
  return out;
}

} // namespace

Plan App::answer(const Request& request, Instant now, Visit& visit) {
  if (request.path.starts_with("/__mock/")) {
    Call plain;
    return make_plan(control(request), plain);
  }
  auto call = read_call(request, parser_);
  call.number = ++number_;
  visit = stats.begin(request.path, call.model, now);
  if (!script_.empty()) apply_script(call);
  if (options_.record > 0) record(call);
  call.behaviour.delay_us += options_.delay_us;
  auto limited = over_limit(call, now);
  return make_plan(limited ? *limited : reply_to(call), call);
}

Reply App::control(const Request& request) {
  auto path = request.path;
  if (path == "/__mock/stats") return json_reply(stats.json());
  if (path == "/__mock/script" && request.method == "POST") return load_script(request);
  if (path == "/__mock/requests") {
    std::string out = "[";
    for (const auto& r : recorded_) out.append(out.size() > 1 ? "," : "").append(r);
    return json_reply(out + "]");
  }
  if (path != "/__mock/reset" || request.method != "POST") return error_reply(404, "unknown control request");
  stats.reset();
  script_.clear();
  windows_.clear();
  recorded_.clear();
  return json_reply("{}");
}

bool App::read_line(simdjson::dom::object object, ScriptLine& out) {
  for (auto field : object) {
    std::string_view text;
    bool is_text = field.value.get(text) == simdjson::SUCCESS;
    simdjson::dom::object headers;
    if (field.key == "model" && is_text) {
      out.model = std::string(text);
    } else if (field.key == "times") {
      if (field.value.get(out.times) != simdjson::SUCCESS) return false;
    } else if (field.key == "behaviour" && is_text) {
      out.words.append("+").append(text);
    } else if (field.key == "body") {
      out.patch.scripted_body = true;
      out.patch.body = is_text ? std::string(text) : simdjson::minify(field.value);
    } else if (field.key == "content_type" && is_text) {
      out.patch.content_type = text;
    } else if (field.key == "headers") {
      if (field.value.get(headers) != simdjson::SUCCESS) return false;
      out.patch.headers = header_text(headers);
    } else {
      out.words.append("+").append(word_of(field.key, field.value));
    }
  }
  Behaviour check;
  apply_words(check, out.words);
  return check.unknown.empty();
}

Reply App::load_script(const Request& request) {
  simdjson::dom::array list;
  if (parser_.parse(request.body.data(), request.body.size()).get(list) != simdjson::SUCCESS)
    return error_reply(400, "the script is a JSON list of objects");
  std::deque<ScriptLine> lines;
  for (auto entry : list) {
    simdjson::dom::object object;
    ScriptLine line;
    if (entry.get(object) != simdjson::SUCCESS || !read_line(object, line))
      return error_reply(400, "bad script entry " + simdjson::minify(entry));
    lines.push_back(std::move(line));
  }
  script_.insert(script_.end(), lines.begin(), lines.end());
  return json_reply("{\"pending\":" + std::to_string(script_.size()) + "}");
}

void App::apply_script(Call& call) {
  for (auto it = script_.begin(); it != script_.end(); ++it) {
    if (it->model && *it->model != call.model) continue;
    auto& b = call.behaviour;
    apply_words(b, it->words);
    b.scripted_body = it->patch.scripted_body;
    b.body = it->patch.body;
    b.content_type = it->patch.content_type;
    b.headers = it->patch.headers;
    if (it->times <= 1)
      script_.erase(it);
    else
      it->times--;
    return;
  }
}

std::optional<Reply> App::over_limit(const Call& call, Instant now) {
  const auto& b = call.behaviour;
  if (b.tpm == 0 && b.rpm == 0) return std::nullopt;
  auto second = std::chrono::duration_cast<std::chrono::seconds>(now.time_since_epoch()).count();
  auto& window = windows_[call.model];
  if (window.minute != second / 60) window = {second / 60};
  auto wait = static_cast<std::int32_t>(60 - second % 60);
  if (b.tpm > 0 && window.tokens >= b.tpm)
    return rate_limited(wait, "Rate limit reached: tokens per minute (TPM).");
  if (b.rpm > 0 && window.requests >= b.rpm)
    return rate_limited(wait, "Rate limit reached: requests per minute (RPM).");
  window.tokens += b.prompt_tokens + b.completion_tokens;
  window.requests++;
  return std::nullopt;
}

void App::record(const Call& call) {
  recorded_.push_back(echo_json(call));
  if (recorded_.size() > options_.record) recorded_.pop_front();
}

} // namespace switchyard::mock
