// Reads OpenAI chat requests as Value trees. Pure, any thread; wrong types read as absent, never crash.
#include "providers/family/chat.hpp"
#include "providers/row.hpp"

#include <switchyard/ascii.hpp>
#include <switchyard/json.hpp>

#include <algorithm>
#include <array>

namespace switchyard::providers {

using std::string_view;

const ValueList& list_at(const Value& object, string_view key) noexcept {
  static const ValueList k_none;
  auto* found = object.find(key);
  auto* list = found ? found->as_list() : nullptr;
  return list ? *list : k_none;
}

namespace {

const ValueList& list_of_parts(const Value& content) noexcept {
  static const ValueList k_none;
  auto* list = content.as_list();
  return list ? *list : k_none;
}

} // namespace

const ValueMap& map_of(const Value& value) noexcept {
  static const ValueMap k_none;
  auto* map = value.as_map();
  return map ? *map : k_none;
}

std::string content_text(const Value& content, string_view between) {
  if (auto* text = content.as_string()) return *text;
  std::string out;
  bool first = true;
  for (auto& part : list_of_parts(content)) { // by reference: parts may hold pictures
    auto* text = part.as_string();
    if (!text && part.find("text")) text = part.find("text")->as_string();
    if (!text) continue;
    if (!std::exchange(first, false)) out += between;
    out += *text;
  }
  return out;
}

std::vector<Value> content_parts(const Value& content) {
  if (auto* list = content.as_list()) {
    std::vector<Value> out;
    for (auto& part : *list) {
      if (auto* text = part.as_string())
        out.push_back(Value(ValueMap{{"type", Value(std::string("text"))}, {"text", Value(*text)}}));
      else
        out.push_back(part);
    }
    return out;
  }
  auto* text = content.as_string();
  if (!text) return {};
  return {Value(ValueMap{{"type", Value(std::string("text"))}, {"text", Value(*text)}})};
}

std::vector<std::string> stop_list(const Value& request) {
  auto* stop = request.find("stop");
  if (!stop) return {};
  if (auto* text = stop->as_string()) return {*text};
  return texts_of(stop);
}

std::optional<std::int64_t> max_tokens(const Value& request) {
  for (auto key : {"max_completion_tokens", "max_tokens"}) {
    double number = 0;
    auto* found = request.find(key);
    if (found && found->number(number) && number > -1e15 && number < 1e15)
      return static_cast<std::int64_t>(number);
  }
  return std::nullopt;
}

// -- media

Media read_media(string_view url) noexcept {
  Media out;
  if (!url.starts_with("data:")) return out.url = url, out;
  auto comma = url.find(',');
  if (comma == string_view::npos) return out.url = url, out;
  auto head = url.substr(5, comma - 5);
  out.mime = head.substr(0, head.find(';'));
  out.data = url.substr(comma + 1);
  return out;
}

string_view image_url(const Value& part) noexcept {
  auto* image = part.find("image_url");
  if (!image) return {};
  if (auto* text = image->as_string()) return *text;
  return text_at(*image, "url");
}

string_view mime_of_url(string_view url) noexcept {
  struct Type {
    string_view end, mime;
  };
  static constexpr auto k_types = std::to_array<Type>({
      {".png", "image/png"},       {".jpg", "image/jpeg"},        {".jpeg", "image/jpeg"},
      {".gif", "image/gif"},       {".webp", "image/webp"},       {".heic", "image/heic"},
      {".pdf", "application/pdf"}, {".txt", "text/plain"},        {".mp4", "video/mp4"},
      {".mov", "video/mov"},       {".mpeg", "video/mpeg"},       {".mpg", "video/mpg"},
      {".webm", "video/webm"},     {".wmv", "video/wmv"},         {".3gp", "video/3gpp"},
      {".flv", "video/x-flv"},     {".mp3", "audio/mp3"},         {".wav", "audio/wav"},
      {".ogg", "audio/ogg"},       {".flac", "audio/flac"},       {".csv", "text/csv"},
      {".html", "text/html"},      {".json", "application/json"}, {".md", "text/markdown"},
  });
  url = url.substr(0, url.find_first_of("?#"));
  for (auto& type : k_types)
    if (url.size() > type.end.size() && same_text(url.substr(url.size() - type.end.size()), type.end))
      return type.mime;
  return {};
}

// -- tools

std::vector<PastCall> past_calls(const Value& message) {
  auto read = [](const Value& function, string_view id) {
    PastCall call{id, text_at(function, "name"), Value(ValueMap{})};
    auto* arguments = function.find("arguments");
    if (arguments && arguments->as_map()) return call.arguments = *arguments, call;
    auto text = text_at(function, "arguments");
    if (text.empty()) return call;
    auto parsed = parse_json(text);
    call.arguments =
        parsed && parsed->as_map() ? std::move(*parsed) : Value(ValueMap{{"_raw", Value(std::string(text))}});
    return call;
  };
  std::vector<PastCall> out;
  for (auto& call : list_at(message, "tool_calls"))
    if (auto* function = call.find("function")) out.push_back(read(*function, text_at(call, "id")));
  if (auto* function = message.find("function_call"); function && function->as_map())
    out.push_back(read(*function, ""));
  return out;
}

string_view tool_name_of(const ValueList& messages, string_view tool_call_id) noexcept {
  for (auto message = messages.rbegin(); message != messages.rend(); ++message)
    for (auto& call : list_at(*message, "tool_calls"))
      if (text_at(call, "id") == tool_call_id)
        if (auto* function = call.find("function")) return text_at(*function, "name");
  return {};
}

std::vector<Tool> tools_of(const Value& request) {
  auto read = [](const Value& function, const Value& whole) {
    Tool tool{text_at(function, "name"), text_at(function, "description"), function.find("parameters"),
              &whole, true};
    if (tool.parameters && !tool.parameters->as_map()) tool.parameters = nullptr;
    return tool;
  };
  std::vector<Tool> out;
  for (auto& whole : list_at(request, "tools")) {
    auto* function = whole.find("function");
    auto type = text_at(whole, "type", "function");
    if (function && type == "function")
      out.push_back(read(*function, whole));
    else
      out.push_back(Tool{text_at(whole, "name"), text_at(whole, "description"), nullptr, &whole, false});
  }
  for (auto& function : list_at(request, "functions")) out.push_back(read(function, function));
  return out;
}

ToolChoice tool_choice_of(const Value& request) {
  auto* choice = request.find("tool_choice");
  if (!choice || choice->is_null()) choice = request.find("function_call");
  if (!choice || choice->is_null()) return {};
  if (auto* text = choice->as_string()) {
    if (*text == "none") return {ToolChoice::none, {}};
    if (*text == "required" || *text == "any") return {ToolChoice::required, {}};
    return {ToolChoice::automatic, {}};
  }
  auto* function = choice->find("function");
  auto name = function ? text_at(*function, "name") : text_at(*choice, "name");
  if (!name.empty()) return {ToolChoice::named, name};
  auto type = text_at(*choice, "type");
  if (type == "none") return {ToolChoice::none, {}};
  return {type == "any" || type == "required" ? ToolChoice::required : ToolChoice::automatic, {}};
}

OutputFormat output_format(const Value& request) {
  auto* format = request.find("response_format");
  if (!format || !format->as_map()) return {};
  auto type = text_at(*format, "type");
  OutputFormat out;
  if (type == "json_object") {
    out.kind = OutputFormat::json_object;
    auto* schema = format->find("response_schema"); // Google's way in LiteLLM
    if (!schema) schema = format->find("schema");
    if (schema && schema->as_map()) out.kind = OutputFormat::json_schema, out.schema = schema;
  } else if (type == "json_schema") {
    out.kind = OutputFormat::json_schema;
    auto* inner = format->find("json_schema");
    out.name = inner ? text_at(*inner, "name") : string_view{};
    out.schema = inner ? inner->find("schema") : nullptr;
    if (out.schema && !out.schema->as_map()) out.schema = nullptr;
  }
  return out;
}

Value json_tool_schema(const OutputFormat& format) {
  if (format.schema) return *format.schema;
  return Value(ValueMap{{"type", Value(std::string("object"))},
                        {"additionalProperties", Value(true)},
                        {"properties", Value(ValueMap{})}});
}

std::string json_tool_content(string_view arguments) {
  auto parsed = parse_json(arguments);
  if (!parsed || !parsed->as_map() || parsed->as_map()->size() != 1) return std::string(arguments);
  auto* values = parsed->find("values");
  return values ? to_json(*values) : std::string(arguments);
}

// -- words

std::optional<std::int64_t> effort_budget(string_view effort) noexcept {
  struct Budget {
    string_view word;
    std::int64_t tokens;
  };
  static constexpr auto k_budgets = std::to_array<Budget>({{"none", 0},
                                                           {"disable", 0},
                                                           {"minimal", 128},
                                                           {"low", 1024},
                                                           {"medium", 2048},
                                                           {"high", 4096},
                                                           {"xhigh", 8192},
                                                           {"max", 16384}});
  for (auto& budget : k_budgets)
    if (budget.word == effort) return budget.tokens;
  return std::nullopt;
}

string_view finish_reason(string_view word) noexcept {
  struct Reason {
    string_view to, words;
  };
  static constexpr auto k_reasons = std::to_array<Reason>({
      {"length", "max_tokens MAX_TOKENS compaction length MAX_LENGTH"},
      {"tool_calls", "tool_use tool_calls TOOL_CALL TOOL_CALLS"},
      {"content_filter",
       "refusal ERROR_TOXIC SAFETY RECITATION LANGUAGE OTHER BLOCKLIST PROHIBITED_CONTENT SPII IMAGE_SAFETY "
       "IMAGE_PROHIBITED_CONTENT NO_IMAGE IMAGE_RECITATION IMAGE_OTHER ESCALATION sensitive "
       "guardrail_intervened "
       "content_filtered content_filter"},
      {"function_call", "function_call"},
  });
  for (string_view usual : {"end_turn", "stop", "STOP"})
    if (word == usual) return "stop";
  for (auto& reason : k_reasons)
    if (!word.empty() && has_word(reason.words, word)) return reason.to;
  return "stop";
}

void copy_extras(const Value& request, ValueMap& body) {
  auto known = openai_params(Endpoint::chat);
  for (auto& [key, value] : map_of(request)) {
    if (key == "model" || key == "messages" ||
        std::binary_search(known.begin(), known.end(), string_view(key)))
      continue;
    bool there = false;
    for (auto& member : body) there = there || member.first == key;
    if (!there) body.emplace_back(key, value);
  }
}

} // namespace switchyard::providers
