// What the files of this folder share: pieces of a Messages request and of its answers. Pure, any thread.
#pragma once

#include "providers/anthropic/messages.hpp"
#include "providers/anthropic/models.hpp"

#include <string>
#include <string_view>

namespace switchyard::providers::anthropic {

inline Value text_value(std::string_view text) { return Value(std::string(text)); }

inline const Value* find_in(const ValueMap& map, std::string_view key) noexcept {
  for (auto& member : map)
    if (member.first == key) return &member.second;
  return nullptr;
}
/// {"type":"text","text":..}
Value text_block(std::string_view text);
/// Copies a member when `from` has it (and it is not null) and `to` has not.
void copy_member(const Value& from, std::string_view key, ValueMap& to);
/// Tool ids may hold letters, digits, '_' and '-' only.
std::string tool_id(std::string_view id);

/// OpenAI's messages as Claude's. (turns.cpp)
struct Turns {
  ValueList system, messages;
  bool has_tool_calls = false;
};
Result<Turns> read_turns(const Job& job, const Dialect& dialect);
/// Every call has its result in the next turn, and every result its call. (mend.cpp)
void mend_tools(ValueList& turns);
/// Content parts as blocks, appended; `where` names them in errors. (blocks.cpp)
Result<void> add_blocks(const Job& job, const Dialect& dialect, const Value& content,
                        const std::string& where, ValueList& out);

/// tools, tool_choice, mcp_servers, web_search_options, response_format through a tool. (tools.cpp)
Result<void> add_tools(const Job& job, const Dialect& dialect, const Turns& turns, ValueMap& body);
/// response_format, reasoning_effort, thinking, max_tokens. (thinking.cpp)
Result<void> add_reasoning(const Job& job, const Turns& turns, ValueMap& body);
void add_output_format(const Job& job, const Dialect& dialect, ValueMap& body);
/// A schema as structured output takes it: closed objects, unknown limits told in descriptions.
Value closed_schema(const Value& schema);
/// Whether response_format goes through the JSON tool.
bool wants_json_tool(const Job& job, const Dialect& dialect);
bool thinking_is_on(const ValueMap& body) noexcept;

/// `user` as metadata.user_id, unless it is personal data. (encode.cpp)
void add_user(const Value& request, ValueMap& body);

/// The betas of the client's headers, `more` and those that the body's features need, comma separated.
/// (betas.cpp)
std::string betas_of(const Job& job, const Dialect& dialect, const Value& body, std::string_view more);
/// The body's own lists of betas (`betas`, `anthropic_beta`), taken out of it.
std::string take_betas(ValueMap& body);
Value beta_list(std::string_view betas); ///< as a JSON list

/// Messages requests as they are. (relay.cpp)
Result<Body> relay_request(Job& job, const Dialect& dialect);
Result<void> relay_answer(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                          std::string_view client_model, Answer& out);
std::unique_ptr<StreamDecoder> relay_stream(const FamilyTarget& target, const Call& call,
                                            std::string_view client_model);

/// Reads an answer's or an event's `usage` over what is known already: members that are there replace.
/// (usage.cpp)
void read_usage(const Value& usage, Usage& into);
/// {"type":"error",..} -> the error; its type says the status.
Error stream_error(const FamilyTarget& target, std::string_view data);

} // namespace switchyard::providers::anthropic
