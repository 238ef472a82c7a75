// Chats as prompts: custom templates of litellm_params, and layouts written by their tables. Pure, any
// thread.
#include "providers/family/chat.hpp"
#include "providers/prompts/layout.hpp"
#include "providers/prompts/prompts.hpp"

#include <switchyard/json.hpp>

#include <algorithm>

namespace switchyard::providers {
namespace {

using std::string_view;

constexpr string_view k_space = " \t\r\n\f\v";

string_view trimmed_end(string_view text) {
  auto last = text.find_last_not_of(k_space);
  return last == string_view::npos ? string_view() : text.substr(0, last + 1);
}

string_view trimmed(string_view text) {
  auto first = text.find_first_not_of(k_space);
  return first == string_view::npos ? string_view() : trimmed_end(text.substr(first));
}

const Turn& turn_of(const Layout& layout, Side side) {
  return side == Side::system ? layout.system : side == Side::user ? layout.user : layout.assistant;
}

bool assistant_is_last(const ValueList& messages) {
  return !messages.empty() && side_of(messages.back()) == Side::assistant;
}

void finish(const Layout& layout, const ValueList& messages, std::string& out) {
  if (!(layout.flags & k_cue) || !assistant_is_last(messages)) out += layout.final;
  if (layout.flags & k_trim_whole) out = std::string(trimmed(out));
  if (layout.flags & k_trim_end) out.resize(trimmed_end(out).size());
}

/// `text` with every `pair` as one line feed.
std::string shortened(string_view text, string_view pair) {
  std::string out;
  for (auto at = text.find(pair); at != string_view::npos; at = text.find(pair)) {
    out.append(text.substr(0, at)).append("\n");
    text.remove_prefix(at + pair.size());
  }
  return out.append(text);
}

/// The calls of an assistant message in OpenAI's form, their arguments as objects.
Value written_calls(const Value& message) {
  ValueList out;
  for (auto& call : past_calls(message)) {
    Value function(ValueMap{{"name", Value(std::string(call.name))}, {"arguments", call.arguments}});
    out.push_back(Value(ValueMap{{"id", Value(std::string(call.id))},
                                 {"type", Value(std::string("function"))},
                                 {"function", std::move(function)}}));
  }
  return Value(std::move(out));
}

// -- custom templates

const Value* find(const ValueMap& settings, string_view key) noexcept {
  for (auto& [name, value] : settings)
    if (name == key && !value.is_null()) return &value;
  return nullptr;
}

string_view text_of(const ValueMap& settings, string_view key) noexcept {
  auto* value = find(settings, key);
  auto* text = value ? value->as_string() : nullptr;
  return text ? string_view(*text) : string_view();
}

/// `roles` as a map; of a database it may come as JSON text.
Value roles_of(const ValueMap& settings) {
  auto* roles = find(settings, "roles");
  if (!roles) return {};
  auto* text = roles->as_string();
  if (!text) return *roles;
  auto parsed = parse_json(*text);
  return parsed ? std::move(*parsed) : Value();
}

Turn custom_turn(const Value& roles, string_view role) noexcept {
  auto* entry = roles.find(role);
  if (!entry && role == "developer") entry = roles.find("system");
  return entry ? Turn{text_at(*entry, "pre_message"), text_at(*entry, "post_message")} : Turn{};
}

std::string render_custom(const ValueList& messages, const ValueMap& settings) {
  const auto roles = roles_of(settings);
  const auto bos = text_of(settings, "bos_token"), eos = text_of(settings, "eos_token");
  std::string out(bos);
  out += text_of(settings, "initial_prompt_value");
  bool open = true;
  for (auto& message : messages) {
    const auto role = text_at(message, "role");
    if (!open && (role == "system" || role == "human")) out += bos, open = true;
    const auto turn = custom_turn(roles, role);
    out.append(turn.pre).append(message_text(message)).append(turn.post);
    if (role == "assistant") out += eos, open = false;
  }
  return out += text_of(settings, "final_prompt_value");
}

} // namespace

Side side_of(const Value& message) noexcept {
  const auto role = text_at(message, "role");
  if (role == "system" || role == "developer") return Side::system;
  return role == "assistant" ? Side::assistant : Side::user;
}

std::string render_turns(const Layout& layout, const ValueList& messages) {
  std::string out(layout.bos), folded;
  out += layout.initial;
  bool open = true, first = true;
  for (auto& message : messages) {
    const auto side = side_of(message);
    auto text = message_text(message);
    if (layout.flags & k_trim_texts) text = std::string(trimmed(text));
    if (side == Side::system && (layout.flags & k_fold_system)) {
      folded.append(text).append("\n\n");
      continue;
    }
    if (side == Side::user) text.insert(0, folded), folded.clear();
    if (side == Side::system && !open) out += layout.bos, open = true;
    if (!first) out += layout.between;
    first = false;
    auto& turn = turn_of(layout, side);
    out.append(turn.pre).append(text).append(turn.post);
    if (side == Side::assistant) out += layout.eos, open = false;
  }
  // A chat of system messages alone: the model still has to see them.
  if (!folded.empty()) out.append(layout.user.pre).append(trimmed(folded)).append(layout.user.post);
  finish(layout, messages, out);
  return out;
}

std::string render_human_first(const Layout& layout, const ValueList& messages) {
  auto out = render_turns(layout, messages);
  if (!messages.empty() && side_of(messages.front()) == Side::assistant) out.insert(0, layout.user.pre);
  return out;
}

std::string render_claude_2_1(const Layout& layout, const ValueList& messages) {
  std::string out;
  const Value* before = nullptr;
  for (auto& message : messages) {
    const auto side = side_of(message);
    if (side == Side::assistant && (!before || side_of(*before) == Side::system)) out += layout.user.pre;
    out.append(turn_of(layout, side).pre).append(message_text(message));
    before = &message;
  }
  finish(layout, messages, out);
  return out;
}

std::string render_falcon(const Layout&, const ValueList& messages) {
  std::string out;
  for (auto& message : messages) {
    auto text = message_text(message);
    if (side_of(message) == Side::system) {
      out += text;
      continue;
    }
    out.append(text_at(message, "role", "user")).append(":");
    out.append(shortened(shortened(text, "\r\n"), "\n\n")).append("\n\n");
  }
  return out;
}

std::string render_ollama(const Layout&, const ValueList& messages) {
  static constexpr string_view k_titles[] = {"### System:\n", "### User:\n", "### Assistant:\n"};
  std::string out;
  for (std::size_t i = 0; i < messages.size();) {
    const auto side = side_of(messages[i]);
    std::string said;
    for (; i < messages.size() && side_of(messages[i]) == side; ++i) {
      if (auto* content = messages[i].find("content")) said += content_text(*content);
      if (auto calls = written_calls(messages[i]); side == Side::assistant && !calls.as_list()->empty())
        said.append("Tool Calls: ").append(to_json(calls));
    }
    if (!said.empty()) out.append(k_titles[static_cast<int>(side)]).append(said).append("\n\n");
  }
  return out;
}

std::string message_text(const Value& message) {
  auto* content = message.find("content");
  auto text = content ? content_text(*content) : std::string();
  for (auto& call : past_calls(message)) {
    if (!text.empty()) text += "\n";
    text += to_json(Value(ValueMap{{"name", Value(std::string(call.name))}, {"arguments", call.arguments}}));
  }
  return text;
}

bool has_custom_prompt(const ValueMap& settings) noexcept {
  for (auto key : {"initial_prompt_value", "final_prompt_value", "bos_token", "eos_token"})
    if (!text_of(settings, key).empty()) return true;
  auto* roles = find(settings, "roles");
  return roles && (roles->as_map() || roles->as_string());
}

string_view prompt_layout(string_view provider, string_view model, const ValueMap& settings) noexcept {
  return has_custom_prompt(settings) ? "custom" : find_layout(provider, model).name;
}

std::string render_prompt(string_view provider, string_view model, const ValueList& messages,
                          const ValueMap& settings) {
  if (has_custom_prompt(settings)) return render_custom(messages, settings);
  auto& layout = find_layout(provider, model);
  return (layout.render ? layout.render : render_turns)(layout, messages);
}

Prompt make_prompt(string_view provider, string_view model, const ValueList& messages,
                   const ValueMap& settings) {
  Prompt out{render_prompt(provider, model, messages, settings), {}};
  for (auto& message : messages)
    for (auto& part : list_at(message, "content"))
      if (auto url = image_url(part); !url.empty()) out.images.emplace_back(url);
  return out;
}

} // namespace switchyard::providers
