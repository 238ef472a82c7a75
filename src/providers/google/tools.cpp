// Writes tools: declarations, one object for each of Google's own tools, and the choice. Pure, any thread.
#include "providers/google/tools.hpp"

#include "providers/family/chat.hpp"
#include "providers/google/params.hpp"
#include "providers/google/schema.hpp"

#include <switchyard/json.hpp>

#include <array>
#include <utility>

namespace switchyard::providers::google {
namespace {

using std::string_view;

/// Google's own tools, by the spellings of clients.
struct Special {
  string_view spelt, name;
  bool search; ///< not beside functions
};
constexpr std::array k_special{Special{"googleSearch", "googleSearch", true},
                               Special{"google_search", "googleSearch", true},
                               Special{"web_search", "googleSearch", true},
                               Special{"web_search_preview", "googleSearch", true},
                               Special{"googleSearchRetrieval", "googleSearchRetrieval", true},
                               Special{"google_search_retrieval", "googleSearchRetrieval", true},
                               Special{"enterpriseWebSearch", "enterpriseWebSearch", true},
                               Special{"enterprise_web_search", "enterpriseWebSearch", true},
                               Special{"codeExecution", "codeExecution", false},
                               Special{"code_execution", "codeExecution", false},
                               Special{"code_interpreter", "codeExecution", false},
                               Special{"urlContext", "urlContext", false},
                               Special{"url_context", "urlContext", false},
                               Special{"googleMaps", "googleMaps", true},
                               Special{"google_maps", "googleMaps", true},
                               Special{"computerUse", "computerUse", false},
                               Special{"computer_use", "computerUse", false},
                               Special{"retrieval", "retrieval", false},
                               Special{"fileSearch", "fileSearch", false},
                               Special{"file_search", "fileSearch", false}};

const Special* find_special(string_view spelt) noexcept {
  for (auto& special : k_special)
    if (special.spelt == spelt) return &special;
  return nullptr;
}

class Writer {
 public:
  explicit Writer(Job& job) : job_(job) {}

  Result<void> write(ValueMap& body) {
    if (auto done = collect(); !done) return done;
    if (auto done = one_at_a_time(); !done) return done;
    choose();
    auto both = take(job_.request, "include_server_side_tool_invocations");
    const bool together = both && both->as_bool() && *both->as_bool();
    if (together) set(config_, "includeServerSideToolInvocations", Value(true));
    ValueList tools;
    if (!declarations_.empty()) tools.push_back(one("function_declarations", Value(declarations_)));
    for (auto& [special, settings] : specials_)
      if (declarations_.empty() || together || !special->search)
        tools.push_back(one(special->name, settings));
    for (auto& tool : as_is_) tools.push_back(tool);
    if (!tools.empty()) set(body, "tools", Value(std::move(tools)));
    auto own = take_any(job_.request, "toolConfig", "tool_config");
    if (own)
      for (auto& [name, value] : map_of(*own)) set(config_, name, value);
    if (!config_.empty()) set(body, "toolConfig", Value(std::move(config_)));
    return {};
  }

 private:
  static Value one(string_view name, Value value) {
    return Value(ValueMap{{std::string(name), std::move(value)}});
  }

  Result<void> collect() {
    std::size_t i = 0;
    for (auto& tool : tools_of(job_.request)) {
      auto where = "tools[" + std::to_string(i++) + "]";
      auto done = tool.is_function ? function(tool, where) : other(tool, where);
      if (!done) return done;
    }
    if (take(job_.request, "web_search_options"))
      add_special(find_special("googleSearch"), Value(ValueMap{}));
    return {};
  }

  Result<void> function(const Tool& tool, const std::string& where) {
    if (tool.name.empty()) return bad_request(job_.target, where + ".function.name is missing");
    ValueMap declared{{"name", Value(std::string(tool.name))}};
    if (!tool.description.empty()) declared.emplace_back("description", Value(std::string(tool.description)));
    if (tool.parameters && tool.parameters->as_map()) {
      auto schema = clean_schema(*tool.parameters, false);
      if (!schema) return bad_request(job_.target, where + ".function.parameters: " + schema.error().message);
      if (!is_empty_object(*schema)) declared.emplace_back("parameters", std::move(*schema));
    }
    declarations_.push_back(Value(std::move(declared)));
    return {};
  }

  // {"googleSearch":{..}}, {"type":"web_search",..} or a tool as Gemini's clients write it.
  Result<void> other(const Tool& tool, const std::string& where) {
    if (!tool.whole || !tool.whole->as_map()) return bad_request(job_.target, where + " must be an object");
    for (auto& [name, value] : *tool.whole->as_map()) {
      if (name == "function_declarations" || name == "functionDeclarations") {
        as_is_.push_back(*tool.whole);
        return {};
      }
      if (auto special = find_special(name)) return add_special(special, value), Result<void>{};
    }
    auto type = text_at(*tool.whole, "type");
    auto special = find_special(type);
    if (!special && type.starts_with("web_search")) special = find_special("web_search");
    if (!special && type.starts_with("code_execution")) special = find_special("code_execution");
    if (!special)
      return bad_request(job_.target,
                         where + ": tools of type '" + std::string(type) + "' are not known to Gemini");
    ValueMap settings;
    // What OpenAI and Anthropic say of a search has no counterpart.
    if (special->name == "computerUse" || special->name == "googleMaps" || special->name == "fileSearch")
      for (auto& [name, value] : *tool.whole->as_map())
        if (name != "type" && name != "name") settings.emplace_back(name, value);
    return add_special(special, Value(std::move(settings))), Result<void>{};
  }

  void add_special(const Special* special, Value settings) {
    for (auto& known : specials_)
      if (known.first->name == special->name) return;
    if (!settings.as_map()) settings = Value(ValueMap{});
    if (special->name == "googleMaps") settings = maps(settings);
    specials_.emplace_back(special, std::move(settings));
  }

  // The place is not the tool's but the configuration's.
  Value maps(const Value& settings) {
    ValueMap tool, place, retrieval;
    for (auto& [name, value] : map_of(settings)) {
      if (name == "latitude" || name == "longitude")
        place.emplace_back(name, value);
      else if (name == "languageCode" || name == "language_code")
        retrieval.emplace_back("languageCode", value);
      else
        tool.emplace_back(name, value);
    }
    if (!place.empty()) retrieval.emplace_back("latLng", Value(std::move(place)));
    if (!retrieval.empty()) set(config_, "retrievalConfig", Value(std::move(retrieval)));
    return Value(std::move(tool));
  }

  Result<void> one_at_a_time() {
    auto parallel = take(job_.request, "parallel_tool_calls");
    const bool single = parallel && parallel->as_bool() && !*parallel->as_bool();
    if (!single || declarations_.size() < 2 || drops_params(job_.target, job_.call)) return {};
    return unsupported_params(job_.target,
                              "parallel_tool_calls=false with more than one function: Gemini may call "
                              "several at once; set drop_params to send the request all the same");
  }

  void choose() {
    auto choice = tool_choice_of(job_.request);
    ValueMap calling;
    switch (choice.kind) {
    case ToolChoice::absent:
      break;
    case ToolChoice::none:
      set(calling, "mode", Value(std::string("NONE")));
      break;
    case ToolChoice::automatic:
      set(calling, "mode", Value(std::string("AUTO")));
      break;
    case ToolChoice::required:
      set(calling, "mode", Value(std::string("ANY")));
      break;
    case ToolChoice::named:
      set(calling, "mode", Value(std::string("ANY")));
      set(calling, "allowed_function_names", list_of({std::string(choice.name)}));
    }
    // Without functions there is nothing to choose, and Gemini refuses it.
    if (!calling.empty() && (!declarations_.empty() || !as_is_.empty()))
      set(config_, "functionCallingConfig", Value(std::move(calling)));
    for (auto name : {"tools", "functions", "tool_choice", "function_call"}) take(job_.request, name);
  }

  Job& job_;
  ValueList declarations_, as_is_;
  std::vector<std::pair<const Special*, Value>> specials_;
  ValueMap config_;
};

} // namespace

Result<void> write_tools(Job& job, ValueMap& body) { return Writer(job).write(body); }

} // namespace switchyard::providers::google
