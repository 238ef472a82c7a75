// modify_params: tool calls and results that do not belong together are mended, which Claude refuses
// otherwise (spec providers.md 4). Pure, any thread.
#include "providers/anthropic/parts.hpp"
#include "providers/family/chat.hpp"

#include <algorithm>

namespace switchyard::providers::anthropic {
namespace {

using std::string_view;
using Ids = std::vector<std::string>;

Ids ids_of(const Value& turn, string_view type, string_view key) {
  Ids out;
  for (auto& block : list_at(turn, "content"))
    if (text_at(block, "type") == type) out.emplace_back(text_at(block, key));
  return out;
}

bool has(const Ids& ids, string_view id) { return std::find(ids.begin(), ids.end(), id) != ids.end(); }

ValueList& blocks_of(Value& turn) {
  for (auto& [key, value] : std::get<ValueMap>(turn.data()))
    if (key == "content") return std::get<ValueList>(value.data());
  return std::get<ValueList>(
      std::get<ValueMap>(turn.data()).back().second.data()); // turns always have content
}

Value missing_result(string_view id) {
  return Value(ValueMap{{"type", text_value("tool_result")},
                        {"tool_use_id", text_value(id)},
                        {"content", text_value("The tool gave no result.")},
                        {"is_error", Value(true)}});
}

} // namespace

void mend_tools(ValueList& turns) {
  ValueList out;
  Ids open; // calls of the turn before
  auto answer_open = [&](Value* user) {
    Ids given = user ? ids_of(*user, "tool_result", "tool_use_id") : Ids();
    ValueList results;
    for (auto& id : open)
      if (!has(given, id)) results.push_back(missing_result(id));
    if (user)
      blocks_of(*user).insert(blocks_of(*user).begin(), results.begin(), results.end());
    else if (!results.empty())
      out.emplace_back(ValueMap{{"role", text_value("user")}, {"content", Value(std::move(results))}});
  };
  for (auto& turn : turns) {
    const bool user = text_at(turn, "role") == "user";
    if (user) {
      std::erase_if(blocks_of(turn), [&](const Value& block) {
        return text_at(block, "type") == "tool_result" && !has(open, text_at(block, "tool_use_id"));
      });
      answer_open(&turn);
    }
    open = ids_of(turn, "tool_use", "id");
    if (!user || !blocks_of(turn).empty()) out.push_back(std::move(turn));
  }
  answer_open(nullptr);
  turns = std::move(out);
}

} // namespace switchyard::providers::anthropic
