// What a Converse request says besides its messages: limits, tools, thinking, model fields. Pure, any thread.
#include "providers/anthropic/messages.hpp"
#include "providers/bedrock/converse.hpp"
#include "providers/bedrock/tree.hpp"
#include "providers/row.hpp"

#include <switchyard/ascii.hpp>

#include <algorithm>

namespace switchyard::providers::bedrock {
namespace {

using std::string_view;

/// Members of Converse itself; any other extra parameter is the model's.
constexpr string_view k_top_level =
    "guardrailConfig performanceConfig serviceTier requestMetadata promptVariables "
    "additionalModelResponseFieldPaths outputConfig";
/// Of the gateway, or placed elsewhere.
constexpr string_view k_not_extra =
    "model messages model_id region_name top_k topK inferenceConfig toolConfig system "
    "additionalModelRequestFields modify_params user_continue_message "
    "assistant_continue_message fake_stream";
constexpr std::int64_t k_least_budget = 1024, k_answer_room = 4096;

class Config {
 public:
  Config(Job& job, const ModelRoute& route, bool nova, bool uses_tools)
      : job_(job), request_(job.request), route_(route), nova_(nova), uses_tools_(uses_tools) {}

  Result<void> add(ValueMap& body) {
    if (auto done = think(); !done) return done;
    limits();
    if (auto done = tools(); !done) return done;
    extras(body);
    if (!inference_.empty()) put(body, "inferenceConfig", Value(std::move(inference_)));
    if (!tools_.empty()) {
      ValueMap config;
      put(config, "tools", Value(std::move(tools_)));
      if (!choice_.is_null()) put(config, "toolChoice", std::move(choice_));
      put(body, "toolConfig", Value(std::move(config)));
    }
    if (!model_fields_.empty() && !nova_)
      put(body, "additionalModelRequestFields", Value(std::move(model_fields_)));
    return {};
  }

 private:
  // -- limits

  void copy_number(string_view from, string_view to) {
    double number = 0;
    auto* value = request_.find(from);
    if (value && value->number(number)) put(inference_, to, *value);
  }

  void limits() {
    if (auto* own = request_.find("inferenceConfig"); own && own->as_map()) inference_ = *own->as_map();
    auto most = max_tokens(request_);
    if (!most && budget_) most = budget_ + k_answer_room;
    if (most) put(inference_, "maxTokens", num(*most));
    copy_number("temperature", "temperature");
    copy_number("top_p", "topP");
    ValueList stops;
    for (auto& stop : stop_list(request_))
      if (!stop.empty()) stops.push_back(str(stop));
    if (!stops.empty()) put(inference_, "stopSequences", Value(std::move(stops)));
    auto* top_k = request_.find("top_k") ? request_.find("top_k") : request_.find("topK");
    if (!top_k) return;
    const bool is_nova = nova_ || route_.base.starts_with("amazon.nova");
    if (nova_)
      put(inference_, "topK", *top_k);
    else if (is_nova)
      put(model_fields_, "inferenceConfig", tagged("topK", *top_k));
    else
      put(model_fields_, "top_k", *top_k);
  }

  // -- thinking

  Result<void> think() {
    if (auto* thinking = request_.find("thinking"); thinking && thinking->as_map()) {
      thinks_ = text_at(*thinking, "type") != "disabled";
      auto* budget = thinking->find("budget_tokens");
      if (thinks_ && budget && budget->as_int())
        budget_ = std::clamp<std::int64_t>(*budget->as_int(), 0, 1 << 30);
      put(model_fields_, "thinking", *thinking);
    }
    auto* effort = request_.find("reasoning_effort");
    if (!effort || effort->is_null()) return {};
    auto word = effort->as_string() ? string_view(*effort->as_string()) : text_at(*effort, "effort");
    if (!effort_budget(word))
      return bad_request(job_.target,
                         "reasoning_effort must be none, minimal, low, medium, high, xhigh or max");
    if (word == "none" || word == "disable" || thinks_) return {};
    return apply_effort(word), Result<void>();
  }

  void apply_effort(string_view word) {
    const auto plain = word == "minimal" ? "low" : word == "xhigh" || word == "max" ? "high" : word;
    ValueMap fields;
    switch (thinking_of(route_)) {
    case Thinking::none:
      return;
    case Thinking::effort:
      return put(model_fields_, "reasoning_effort", str(plain));
    case Thinking::qwen:
      return put(model_fields_, "reasoning_config", str(plain));
    case Thinking::nova:
      fields = {{"type", str("enabled")}, {"maxReasoningEffort", str(plain)}};
      return put(model_fields_, "reasoningConfig", Value(std::move(fields)));
    case Thinking::effort_beta:
      betas_.push_back("effort-2025-11-24");
      return put(model_fields_, "output_config", tagged("effort", str(plain)));
    case Thinking::adaptive: {
      const bool old = route_.base.find("-4-6") != std::string::npos; // knows no xhigh
      put(model_fields_, "thinking", tagged("type", str("adaptive")));
      put(model_fields_, "output_config",
          tagged("effort", str(word == "max" || (word == "xhigh" && !old) ? word : plain)));
      break;
    }
    case Thinking::budget:
      budget_ = std::max(k_least_budget, *effort_budget(word));
      fields = {{"type", str("enabled")}, {"budget_tokens", num(budget_)}};
      put(model_fields_, "thinking", Value(std::move(fields)));
      break;
    }
    thinks_ = true;
  }

  // -- tools

  void add_tool(string_view name, string_view description, Value schema, const Value* whole) {
    ValueMap spec{{"name", str(tool_name(name))}};
    put(spec, "description", str(description.empty() ? name : description));
    put(spec, "inputSchema", tagged("json", std::move(schema)));
    tools_.push_back(tagged("toolSpec", Value(std::move(spec))));
    auto* function = whole ? whole->find("function") : nullptr;
    for (auto* holder : {whole, function})
      if (holder && holder->find("cache_control") && holder->find("cache_control")->as_map()) {
        tools_.push_back(tagged("cachePoint", tagged("type", str("default"))));
        return;
      }
  }

  static Value open_schema() {
    return Value(ValueMap{{"type", str("object")}, {"properties", Value(ValueMap{})}});
  }

  Result<void> other_tool(const Tool& tool, std::size_t index) {
    const auto type = text_at(*tool.whole, "type");
    if (auto* schema = tool.whole->find("input_schema"); schema && schema->as_map()) // Anthropic's own form
      return add_tool(tool.name, tool.description, *schema, tool.whole), Result<void>();
    if (tool.whole->find("toolSpec") || tool.whole->find("systemTool") || tool.whole->find("cachePoint"))
      return tools_.push_back(*tool.whole), Result<void>();
    if (type == "system_tool")
      return tools_.push_back(tagged("systemTool", tagged("name", str(tool.name)))), Result<void>();
    if (!is_messages_claude(route_))
      return bad_request(job_.target, "tools[" + std::to_string(index) + "].type '" +
                                          std::string(type.substr(0, 40)) +
                                          "' is not supported by this model");
    hosted_.push_back(*tool.whole);
    if (type == "computer_20241022") betas_.push_back("computer-use-2024-10-22");
    if (type == "computer_20250124") betas_.push_back("computer-use-2025-01-24");
    return {};
  }

  Result<void> tools() {
    std::size_t index = 0;
    for (auto& tool : tools_of(request_)) {
      if (tool.is_function)
        add_tool(tool.name, tool.description, tool.parameters ? *tool.parameters : open_schema(), tool.whole);
      else if (auto done = other_tool(tool, index); !done)
        return done;
      ++index;
    }
    if (auto* search = request_.find("web_search_options"); search && route_.base.starts_with("amazon.nova"))
      tools_.push_back(tagged("systemTool", tagged("name", str("nova_grounding"))));
    if (auto done = choose(); !done) return done;
    json_mode();
    if (!tools_.empty() || !hosted_.empty() || !uses_tools_) return {};
    if (!modifies_params(job_.target, job_.call))
      return unsupported_params(
          job_.target, "Bedrock doesn't support tool calling without `tools=` param specified. Pass `tools=` "
                       "param OR set `litellm.modify_params = True` // `litellm_settings::modify_params: "
                       "True` to add dummy tool to the request");
    add_tool("dummy_tool", "This is a dummy tool call", open_schema(), nullptr);
    return {};
  }

  Result<void> choose() {
    const auto choice = tool_choice_of(request_);
    if (choice.kind == ToolChoice::none) {
      if (drops_params(job_.target, job_.call)) return {};
      return unsupported_params(job_.target, "Bedrock doesn't support tool_choice=none");
    }
    if (choice.kind == ToolChoice::automatic) choice_ = tagged("auto", Value(ValueMap{}));
    if (choice.kind == ToolChoice::required) choice_ = tagged("any", Value(ValueMap{}));
    if (choice.kind == ToolChoice::named)
      choice_ = tagged("tool", tagged("name", str(tool_name(choice.name))));
    auto* parallel = request_.find("parallel_tool_calls");
    if (!parallel || !parallel->as_bool() || tools_.empty()) return {};
    ValueMap own{{"type", str("auto")}, {"disable_parallel_tool_use", Value(!*parallel->as_bool())}};
    if (choice.kind == ToolChoice::required) own[0].second = str("any");
    if (choice.kind == ToolChoice::named)
      own[0].second = str("tool"), put(own, "name", str(tool_name(choice.name)));
    put(model_fields_, "tool_choice", Value(std::move(own)));
    return {};
  }

  void json_mode() {
    const auto format = output_format(request_);
    if (format.kind == OutputFormat::text) return;
    const auto name = json_tool_name(format);
    auto* wanted = request_.find("response_format")->find("json_schema");
    add_tool(name, wanted ? text_at(*wanted, "description") : string_view(), json_tool_schema(format),
             nullptr);
    if (!takes_tool_choice(route_) || thinks_) return;
    choice_ = tagged("tool", tagged("name", str(name)));
    switchyard::erase(model_fields_, "tool_choice");
  }

  // -- everything else

  void extras(ValueMap& body) {
    const auto known = openai_params(Endpoint::chat);
    for (auto& [key, value] : map_of(request_)) {
      if (has_word(k_top_level, key)) {
        put(body, key, value);
        continue;
      }
      if (has_word(k_not_extra, key) || std::binary_search(known.begin(), known.end(), string_view(key)))
        continue;
      if (nova_)
        put(body, key, value);
      else if (key == "anthropic_beta")
        for (auto& beta : value.as_string() ? std::vector<std::string>{*value.as_string()} : texts_of(&value))
          betas_.push_back(beta);
      else
        put(model_fields_, key, value);
    }
    if (auto tier = text_at(request_, "service_tier");
        !tier.empty() && tier != "auto" && !request_.find("serviceTier"))
      put(body, "serviceTier", tagged("type", str(tier)));
    if (route_.long_context) betas_.push_back("context-1m-2025-08-07");
    if (is_claude(route_)) clients_betas();
    if (!hosted_.empty()) put(model_fields_, "tools", Value(std::move(hosted_)));
    if (!betas_.empty()) put(model_fields_, "anthropic_beta", list_of(betas_));
    if (auto* own = request_.find("additionalModelRequestFields"))
      for (auto& [key, value] : map_of(*own)) set(model_fields_, key, value);
  }

  /// The client's anthropic-beta lines, as far as AWS knows them.
  void clients_betas() {
    for (auto& line : job_.call.forward_headers) {
      if (!same_text(line.name, "anthropic-beta")) continue;
      for (string_view rest = line.value; !rest.empty();) {
        auto word = rest.substr(0, rest.find(','));
        rest.remove_prefix(std::min(rest.size(), word.size() + 1));
        word.remove_prefix(std::min(word.size(), word.find_first_not_of(' ')));
        word = word.substr(0, word.find(' '));
        const bool known = !word.empty() && has_word(anthropic::k_bedrock_betas, word);
        if (known && std::find(betas_.begin(), betas_.end(), word) == betas_.end()) betas_.emplace_back(word);
      }
    }
  }

  Job& job_;
  const Value& request_;
  const ModelRoute& route_;
  const bool nova_, uses_tools_;
  ValueMap inference_, model_fields_;
  ValueList tools_, hosted_;
  Value choice_;
  std::vector<std::string> betas_;
  std::int64_t budget_ = 0;
  bool thinks_ = false;
};

} // namespace

bool converse_takes(const FamilyTarget& target, const Call& call, string_view param) {
  if (has_word(
          "max_tokens max_completion_tokens stream stream_options stop temperature top_p response_format "
          "extra_headers service_tier",
          param))
    return true;
  const auto route = read_route(call.model, setting(target, "model_id"));
  if (param == "tools" || param == "functions") return takes_tools(route);
  if (param == "tool_choice" || param == "function_call") return takes_tool_choice(route);
  if (param == "parallel_tool_calls") return is_messages_claude(route);
  if (param == "thinking" || param == "reasoning_effort") {
    const auto how = thinking_of(route);
    return how != Thinking::none && (param == "reasoning_effort" || is_claude(route));
  }
  return param == "web_search_options" && route.base.starts_with("amazon.nova");
}

Result<void> add_config(Job& job, const ModelRoute& route, bool nova, bool uses_tools, ValueMap& body) {
  return Config(job, route, nova, uses_tools).add(body);
}

Result<std::string> encode_converse(Job& job, const ModelRoute& route, bool nova) {
  auto conversation = read_conversation(job, route);
  if (!conversation) return conversation.error();
  ValueMap body;
  if (nova) put(body, "schemaVersion", str("messages-v1"));
  put(body, "messages", Value(std::move(conversation->messages)));
  if (!conversation->system.empty()) put(body, "system", Value(std::move(conversation->system)));
  if (auto done = add_config(job, route, nova, conversation->uses_tools, body); !done) return done.error();
  return to_json(Value(std::move(body)));
}

} // namespace switchyard::providers::bedrock
