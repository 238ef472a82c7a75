// Reads Bedrock model strings: route words, regions, ARNs, variants. Pure, any thread; cheap enough per
// request.
#include "providers/bedrock/route.hpp"

#include "providers/row.hpp"

#include <algorithm>

namespace switchyard::providers::bedrock {
namespace {

using std::string_view;

constexpr string_view k_unserved = "agent agentcore async_invoke claude_platform mantle";
constexpr string_view k_cross_regions = "global us eu apac jp au us-gov ca sa";

/// Names of invoke bodies; also what a path may begin with ("llama/arn:...").
constexpr string_view k_providers =
    "anthropic amazon cohere ai21 meta mistral nova llama deepseek_r1 qwen2 qwen3 "
    "openai moonshot stability";

/// Models of the Converse API; what is left takes invoke bodies only, or is not known.
constexpr string_view k_converse =
    "anthropic. amazon.nova-lite amazon.nova-micro amazon.nova-premier amazon.nova-pro amazon.nova-2-lite "
    "amazon.nova-2-pro ai21.jamba cohere.command-r deepseek. google. meta.llama3 meta.llama4 minimax. "
    "mistral.devstral mistral.magistral mistral.ministral mistral.mistral-large mistral.mistral-small "
    "mistral.pixtral mistral.voxtral moonshot nvidia. openai.gpt-oss qwen. writer. zai.";

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

/// us-west-2, us-gov-east-1, ap-southeast-2
bool is_region(string_view text) noexcept {
  auto dashes = std::count(text.begin(), text.end(), '-');
  return (dashes == 2 || dashes == 3) && text.size() >= 9 && text.size() <= 16 && text[2] == '-' &&
         is_digit(text.back()) && text[text.size() - 2] == '-' &&
         std::all_of(text.begin(), text.end() - 1, [](char c) { return c == '-' || (c >= 'a' && c <= 'z'); });
}

string_view cut_segment(string_view& rest) noexcept {
  auto end = rest.find('/');
  auto segment = rest.substr(0, end);
  rest.remove_prefix(end == string_view::npos ? rest.size() : end + 1);
  return segment;
}

/// Part `index` of an ARN: arn:aws:bedrock:<region>:<account>:<resource>.
string_view arn_part(string_view arn, int index) noexcept {
  for (; index > 0; --index) {
    auto colon = arn.find(':');
    if (colon == string_view::npos) return {};
    arn.remove_prefix(colon + 1);
  }
  return arn.substr(0, arn.find(':'));
}

/// ":28k" at the end says a throughput.
string_view without_throughput(string_view id) noexcept {
  auto colon = id.rfind(':');
  if (colon == string_view::npos || !id.ends_with('k') || colon + 2 >= id.size()) return id;
  auto digits = id.substr(colon + 1, id.size() - colon - 2);
  return std::all_of(digits.begin(), digits.end(), is_digit) ? id.substr(0, colon) : id;
}

string_view base_of(string_view id) noexcept {
  if (id.starts_with("arn:")) id.remove_prefix(std::min(id.size(), id.rfind('/') + 1));
  id = without_throughput(id);
  auto dot = id.find('.');
  if (dot != string_view::npos && has_word(k_cross_regions, id.substr(0, dot))) id.remove_prefix(dot + 1);
  return id;
}

string_view provider_in(string_view base, string_view spec) noexcept {
  if (!spec.empty()) return spec;
  if (base.starts_with("amazon.nova")) return "nova";
  auto first = base.substr(0, base.find('.'));
  if (first.starts_with("moonshot")) return "moonshot";
  if (first == "qwen") return "qwen3";
  if (has_word(k_providers, first)) return first;
  string_view found;
  any_word(k_providers,
           [&](string_view name) { return base.find(name) != string_view::npos && (found = name, true); });
  return found;
}

} // namespace

ModelRoute read_route(string_view model, string_view model_id) {
  ModelRoute out;
  string_view spec;
  bool said_converse = false, said_invoke = false;
  auto rest = model;
  while (!rest.starts_with("arn:") && rest.find('/') != string_view::npos) {
    auto segment = cut_segment(rest);
    if (segment == "converse" || segment == "converse_like")
      said_converse = true;
    else if (segment == "invoke")
      said_invoke = true;
    else if (segment == "nova" || segment == "nova-2")
      said_converse = !said_invoke, spec = "nova";
    else if (has_word(k_providers, segment))
      spec = segment;
    else if (is_region(segment))
      out.region = segment;
  }
  if (rest.ends_with("[1m]")) out.long_context = true, rest.remove_suffix(4);
  out.id = model_id.empty() ? rest : model_id;
  out.base = base_of(rest);
  if (spec == "nova" && out.base.find("nova") == std::string::npos)
    out.base = model.find("nova-2/") != string_view::npos ? "amazon.nova-2-lite" : "amazon.nova-pro";
  out.provider = provider_in(out.base, spec);
  if (out.region.empty() && out.id.starts_with("arn:")) out.region = arn_part(out.id, 3);
  out.converse = said_converse ||
                 (!said_invoke && (spec.empty() || spec == "nova") && starts_with_any(out.base, k_converse));
  return out;
}

string_view unserved_route(string_view model) noexcept {
  auto first = model.substr(0, model.find('/'));
  return first.size() < model.size() && has_word(k_unserved, first) ? first : string_view();
}

bool starts_with_any(string_view text, string_view prefixes) {
  return any_word(prefixes, [text](string_view prefix) { return text.starts_with(prefix); });
}

bool is_claude(const ModelRoute& route) {
  return route.provider == "anthropic" || route.base.starts_with("anthropic.");
}

bool is_messages_claude(const ModelRoute& route) {
  return is_claude(route) &&
         !starts_with_any(route.base, "anthropic.claude-v1 anthropic.claude-v2 anthropic.claude-instant");
}

bool takes_tools(const ModelRoute& route) {
  return is_messages_claude(route) ||
         starts_with_any(route.base,
                         "mistral. cohere.command-r meta.llama3-1 meta.llama3-2 meta.llama3-3 "
                         "meta.llama4 amazon.nova ai21.jamba-1-5 deepseek.v3 qwen. openai.gpt-oss "
                         "writer. zai. moonshot minimax. nvidia. google.");
}

bool takes_tool_choice(const ModelRoute& route) {
  return is_messages_claude(route) ||
         starts_with_any(route.base,
                         "amazon.nova mistral.mistral-large mistral.devstral deepseek.v3 qwen.qwen3-2 "
                         "qwen.qwen3-3 qwen.qwen3-coder openai.gpt-oss minimax.minimax-m2. moonshotai. "
                         "zai. nvidia.nemotron-nano-3 nvidia.nemotron-super");
}

Thinking thinking_of(const ModelRoute& route) {
  auto& base = route.base;
  auto has = [&base](string_view part) { return base.find(part) != std::string::npos; };
  if (base.starts_with("openai.gpt-oss")) return Thinking::effort;
  if (base.starts_with("amazon.nova-2")) return Thinking::nova;
  if (base.starts_with("qwen.qwen3")) return Thinking::qwen;
  if (!is_messages_claude(route)) return Thinking::none;
  if (has("-4-6") || has("-4-7") || has("-4-8") || has("mythos") || has("opus-5") || has("sonnet-5"))
    return Thinking::adaptive;
  if (has("opus-4-5")) return Thinking::effort_beta;
  // An ARN of an inference profile names no model: what it cannot do, it says itself.
  return has("claude-3-") && !has("claude-3-7") ? Thinking::none : Thinking::budget;
}

} // namespace switchyard::providers::bedrock
