// Writes contents: roles, merged turns, calls with their signatures, results by name. Pure, any thread.
#include "providers/google/messages.hpp"

#include "providers/family/chat.hpp"

#include <switchyard/json.hpp>

#include <utility>

namespace switchyard::providers::google {
namespace {

using std::string_view;

/// What Google's documentation gives to calls that another model made: no signature is checked then.
constexpr string_view k_no_signature = "skip_thought_signature_validator";

Value text_part(string_view text) { return Value(ValueMap{{"text", Value(std::string(text))}}); }

bool is_system(const Value& message) noexcept {
  auto role = text_at(message, "role");
  return role == "system" || role == "developer";
}

string_view signature_in(const Value* fields) noexcept {
  auto own = fields ? fields->find("provider_specific_fields") : nullptr;
  return own ? text_at(*own, "thought_signature") : string_view{};
}

/// A call's signature: behind the mark in its id, or in its provider_specific_fields.
string_view signature_of(const Value& message, string_view id) noexcept {
  if (auto mark = id.find(k_thought_mark); mark != string_view::npos)
    return id.substr(mark + k_thought_mark.size());
  for (auto& call : list_at(message, "tool_calls")) {
    if (text_at(call, "id") != id) continue;
    auto found = signature_in(&call);
    return found.empty() ? signature_in(call.find("function")) : found;
  }
  return {};
}

class Writer {
 public:
  Writer(const Job& job, const Model& model)
      : job_(job), model_(model), messages_(list_at(job.request, "messages")) {}

  Result<void> write(ValueMap& body) {
    std::size_t first = 0;
    ValueList system;
    for (; keeps_system() && first < messages_.size() && is_system(messages_[first]); ++first)
      for (auto& part :
           content_parts(messages_[first].find("content") ? *messages_[first].find("content") : Value{}))
        if (auto text = text_at(part, "text"); !text.empty()) system.push_back(text_part(text));
    for (std::size_t i = first; i < messages_.size(); ++i)
      if (auto done = message(i); !done) return done;
    close_turn();
    if (contents_.empty()) push("user", {text_part(" ")}, false);
    set(body, "contents", Value(std::move(contents_)));
    if (!system.empty())
      set(body, "system_instruction", Value(ValueMap{{"parts", Value(std::move(system))}}));
    return {};
  }

 private:
  enum class Turn { none, user, model, results };

  bool keeps_system() const {
    return model_.takes_system() && setting(job_.target, "supports_system_message") != "false";
  }

  Result<void> message(std::size_t i) {
    auto role = text_at(messages_[i], "role");
    if (role == "user" || is_system(messages_[i])) return user(i);
    if (role == "assistant") return assistant(i);
    if (role == "tool" || role == "function") return result(i);
    return bad_request(job_.target, at(i) + ".role: '" + std::string(role) + "' is not known");
  }

  Result<void> user(std::size_t i) {
    turn(Turn::user);
    return parts_of(i);
  }

  Result<void> parts_of(std::size_t i) {
    auto content = messages_[i].find("content");
    if (!content) return {};
    std::size_t at_part = 0;
    for (auto& part : content_parts(*content)) {
      auto where = at(i) + ".content[" + std::to_string(at_part++) + "]";
      auto type = text_at(part, "type");
      if (type == "text") {
        auto text = text_at(part, "text");
        if (!text.empty()) parts_.push_back(text_part(text));
      } else if (type == "refusal") {
        parts_.push_back(text_part(text_at(part, "refusal")));
      } else if (type != "thinking" && type != "redacted_thinking") {
        auto media = media_part(job_.target, part, where);
        if (!media) return media.error();
        parts_.push_back(std::move(*media));
      }
    }
    return {};
  }

  Result<void> assistant(std::size_t i) {
    turn(Turn::model);
    auto& message = messages_[i];
    const auto begin = parts_.size();
    if (auto done = parts_of(i); !done) return done;
    if (auto fields = message.find("provider_specific_fields"); fields && parts_.size() > begin)
      if (auto signatures = texts_of(fields->find("thought_signatures")); !signatures.empty())
        set(parts_.back(), "thoughtSignature", Value(signatures.back()));
    bool first = true;
    for (auto& call : past_calls(message)) {
      ValueMap part{{"function_call",
                     Value(ValueMap{{"name", Value(std::string(call.name))}, {"args", call.arguments}})}};
      auto signature = signature_of(message, call.id);
      if (signature.empty() && first && model_.gemini3()) signature = k_no_signature;
      if (!signature.empty()) part.emplace_back("thoughtSignature", Value(std::string(signature)));
      parts_.push_back(Value(std::move(part)));
      first = false;
    }
    return {};
  }

  // Results of one turn stand together; images among them follow as parts of their own.
  Result<void> result(std::size_t i) {
    turn(Turn::results);
    auto& message = messages_[i];
    auto id = text_at(message, "tool_call_id");
    auto name = tool_name_of(messages_, id);
    if (name.empty()) name = text_at(message, "name");
    if (name.empty())
      return bad_request(job_.target, at(i) + ".tool_call_id: no tool call of the history has the id '" +
                                          std::string(id.substr(0, id.find(k_thought_mark))) + "'");
    auto content = message.find("content");
    ValueMap response{{"content", Value(content ? content_text(*content) : std::string{})}};
    parts_.push_back(
        Value(ValueMap{{"function_response", Value(ValueMap{{"name", Value(std::string(name))},
                                                            {"response", Value(std::move(response))}})}}));
    return content ? result_media(*content, i) : Result<void>{};
  }

  Result<void> result_media(const Value& content, std::size_t i) {
    std::size_t at_part = 0;
    for (auto& part : content_parts(content)) {
      auto where = at(i) + ".content[" + std::to_string(at_part++) + "]";
      if (text_at(part, "type") == "text") continue;
      auto media = media_part(job_.target, part, where);
      if (!media) return media.error();
      parts_.push_back(std::move(*media));
    }
    return {};
  }

  // Neighbours of one role become one content.
  void turn(Turn next) {
    if (next == turn_) return;
    close_turn();
    turn_ = next;
  }

  void close_turn() {
    if (turn_ != Turn::none && (!parts_.empty() || turn_ == Turn::user))
      push(turn_ == Turn::model ? "model" : "user", std::exchange(parts_, {}), turn_ == Turn::user);
    parts_.clear();
    turn_ = Turn::none;
  }

  // A user's turn without any text is refused by some models.
  void push(const char* role, ValueList parts, bool needs_text) {
    bool text = !needs_text;
    for (auto& part : parts) text = text || part.find("text");
    if (!text) parts.push_back(text_part(" "));
    contents_.push_back(
        Value(ValueMap{{"role", Value(std::string(role))}, {"parts", Value(std::move(parts))}}));
  }

  static std::string at(std::size_t i) { return "messages[" + std::to_string(i) + "]"; }

  const Job& job_;
  const Model& model_;
  const ValueList& messages_;
  Turn turn_ = Turn::none;
  ValueList parts_, contents_;
};

} // namespace

Result<void> write_contents(const Job& job, const Model& model, ValueMap& body) {
  return Writer(job, model).write(body);
}

} // namespace switchyard::providers::google
