// OpenAI's messages as Converse's system blocks and alternating turns. Pure, any thread.
#include "providers/bedrock/converse.hpp"
#include "providers/bedrock/tree.hpp"

namespace switchyard::providers::bedrock {
namespace {

using std::string_view;

constexpr string_view k_filler = "Please continue.";

bool is_blank(string_view text) noexcept { return text.find_first_not_of(" \t\r\n") == string_view::npos; }

/// cache_control of a message, part or tool as the block that says it; null = there is none.
Value cache_point(const Value& whole) {
  auto* control = whole.find("cache_control");
  if (!control || !control->as_map()) return {};
  ValueMap point{{"type", str("default")}};
  if (auto ttl = text_at(*control, "ttl"); !ttl.empty()) put(point, "ttl", str(ttl));
  return tagged("cachePoint", Value(std::move(point)));
}

void add_cache_point(const Value& whole, ValueList& blocks) {
  if (auto point = cache_point(whole); !point.is_null() && !blocks.empty())
    blocks.push_back(std::move(point));
}

class Reader {
 public:
  Reader(const Job& job, const ModelRoute& route) : target_(job.target), route_(route) {}

  Result<void> read(const Value& message, std::size_t index) {
    where_ = "messages[" + std::to_string(index) + "]";
    const auto role = text_at(message, "role");
    if (role == "system" || role == "developer") return system(message), Result<void>();
    if (role == "user") return user(message);
    if (role == "assistant") return assistant(message);
    if (role == "tool" || role == "function") return result(message);
    return bad_request(target_, where_ + ".role must be system, developer, user, assistant or tool");
  }

  Conversation finish(const Value* user_filler, bool fill) {
    if (fill) add_fillers(user_filler);
    for (auto& turn : turns_) {
      ValueMap message{{"role", str(turn.role)}};
      put(message, "content", Value(std::move(turn.blocks)));
      out_.messages.emplace_back(std::move(message));
    }
    return std::move(out_);
  }

 private:
  struct Turn {
    string_view role;
    ValueList blocks;
  };

  /// Same roles in a row are one turn.
  ValueList& turn(string_view role) {
    if (turns_.empty() || turns_.back().role != role) turns_.push_back({role, {}});
    return turns_.back().blocks;
  }
  void add_blocks(string_view role, ValueList&& blocks) {
    if (blocks.empty()) return;
    auto& onto = turn(role);
    for (auto& block : blocks) onto.push_back(std::move(block));
  }

  void system(const Value& message) {
    auto* content = message.find("content");
    if (!content) return;
    for (auto& part : content_parts(*content)) {
      auto text = text_at(part, "text");
      if (is_blank(text)) continue;
      out_.system.push_back(tagged("text", str(text)));
      add_cache_point(part, out_.system);
    }
    add_cache_point(message, out_.system);
  }

  /// Text and media of a content; `trim` cuts the white space that a final assistant text must not end with.
  Result<void> content(const Value& message, ValueList& blocks) {
    auto* content = message.find("content");
    if (!content || content->is_null()) return {};
    if (!content->as_string() && !content->as_list())
      return bad_request(target_, where_ + ".content must be a string or a list of parts");
    std::size_t at = 0;
    for (auto& part : content_parts(*content)) {
      const auto where = where_ + ".content[" + std::to_string(at++) + "]";
      const auto type = text_at(part, "type");
      if (type == "text" || type == "input_text" || type == "output_text" || type == "refusal") {
        auto text = text_at(part, type == "refusal" ? "refusal" : "text");
        if (!is_blank(text)) blocks.push_back(tagged("text", str(text)));
      } else if (type != "thinking" &&
                 type != "redacted_thinking") { // of Anthropic; thinking_blocks say the same
        auto block = part_block(target_, part, ++media_, where);
        if (!block) return block.error();
        if (block->is_null())
          return bad_request(target_,
                             where + ".type '" + std::string(type.substr(0, 40)) + "' is not supported");
        blocks.push_back(std::move(*block));
      }
      add_cache_point(part, blocks);
    }
    return {};
  }

  Result<void> user(const Value& message) {
    ValueList blocks;
    if (auto done = content(message, blocks); !done) return done;
    add_cache_point(message, blocks);
    add_blocks("user", std::move(blocks));
    return {};
  }

  void thinking(const Value& message, ValueList& blocks) {
    for (auto& block : list_at(message, "thinking_blocks")) {
      if (text_at(block, "type") == "redacted_thinking") {
        blocks.push_back(tagged("reasoningContent", tagged("redactedContent", str(text_at(block, "data")))));
        continue;
      }
      const auto signature = text_at(block, "signature");
      if (signature.empty() && is_claude(route_)) continue; // Claude takes no thoughts but its own
      ValueMap text{{"text", str(text_at(block, "thinking"))}};
      if (!signature.empty()) put(text, "signature", str(signature));
      blocks.push_back(tagged("reasoningContent", tagged("reasoningText", Value(std::move(text)))));
    }
  }

  Result<void> assistant(const Value& message) {
    ValueList blocks;
    thinking(message, blocks);
    if (auto done = content(message, blocks); !done) return done;
    for (auto& call : past_calls(message)) {
      out_.uses_tools = true;
      ValueMap use{{"toolUseId", str(tool_use_id(call.id.empty() ? call.name : call.id))},
                   {"name", str(tool_name(call.name))}};
      put(use, "input", std::move(call.arguments));
      blocks.push_back(tagged("toolUse", Value(std::move(use))));
    }
    add_cache_point(message, blocks);
    add_blocks("assistant", std::move(blocks));
    return {};
  }

  Result<void> result(const Value& message) {
    out_.uses_tools = true;
    auto id = text_at(message, "tool_call_id");
    if (id.empty()) id = text_at(message, "name"); // the older function messages
    ValueList inner, blocks;
    if (auto done = content(message, inner); !done) return done;
    Value point; // stands behind the result, not in it
    for (auto at = inner.begin(); at != inner.end();)
      at->find("cachePoint") ? void((point = std::move(*at), at = inner.erase(at))) : void(++at);
    if (inner.empty()) inner.push_back(tagged("text", str("")));
    ValueMap result{{"toolUseId", str(tool_use_id(id))}};
    put(result, "content", Value(std::move(inner)));
    auto* error = message.find("is_error");
    if (text_at(message, "status") == "error" || (error && error->as_bool() && *error->as_bool()))
      put(result, "status", str("error"));
    blocks.push_back(tagged("toolResult", Value(std::move(result))));
    if (!point.is_null()) blocks.push_back(std::move(point));
    add_cache_point(message, blocks);
    add_blocks("user", std::move(blocks));
    return {};
  }

  /// modify_params or user_continue_message: a conversation begins and ends with the user.
  void add_fillers(const Value* message) {
    auto text = message && message->find("content") ? content_text(*message->find("content")) : std::string();
    const auto filler = tagged("text", str(is_blank(text) ? k_filler : string_view(text)));
    if (turns_.empty() || turns_.front().role == "assistant")
      turns_.insert(turns_.begin(), Turn{"user", {filler}});
    if (turns_.back().role == "assistant") turns_.push_back({"user", {filler}});
  }

  const FamilyTarget& target_;
  const ModelRoute& route_;
  Conversation out_;
  std::vector<Turn> turns_;
  std::string where_;
  std::size_t media_ = 0;
};

/// Claude refuses a last assistant text that ends with white space.
void trim_last(Conversation& conversation) {
  auto& last = conversation.messages.back();
  auto* map = std::get_if<ValueMap>(&last.data());
  if (text_at(last, "role") != "assistant") return;
  auto* blocks = std::get_if<ValueList>(&map->back().second.data());
  auto* block = blocks && !blocks->empty() ? std::get_if<ValueMap>(&blocks->back().data()) : nullptr;
  if (!block || block->front().first != "text") return;
  if (auto* text = std::get_if<std::string>(&block->front().second.data()))
    text->erase(text->find_last_not_of(" \t\r\n") + 1);
}

} // namespace

const Value* find_setting(const FamilyTarget& target, string_view key) noexcept {
  for (auto& [name, value] : target.settings)
    if (name == key && !value.is_null()) return &value;
  return nullptr;
}

Result<Conversation> read_conversation(const Job& job, const ModelRoute& route) {
  Reader reader(job, route);
  std::size_t index = 0;
  for (auto& message : list_at(job.request, "messages"))
    if (auto done = reader.read(message, index++); !done) return done.error();
  auto* filler = find_setting(job.target, "user_continue_message");
  const bool fill = filler || modifies_params(job.target, job.call);
  auto out = reader.finish(filler, fill);
  if (out.messages.empty())
    return bad_request(job.target, "messages: bedrock requires at least one non-system message");
  trim_last(out);
  return out;
}

} // namespace switchyard::providers::bedrock
