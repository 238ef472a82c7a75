// Replies and errors in LiteLLM's shapes, and the reading of bodies and queries. Pure, any thread.
#pragma once

#include <switchyard/json.hpp>
#include <switchyard/management.hpp>

#include <string>
#include <string_view>

namespace switchyard::management {

Reply ok(const Value& body);
/// {"error":{"message","type","param","code":"<status>"}} (spec management.md 0). `param` "" = null.
Reply refuse(int status, std::string_view message, std::string_view type = "internal_server_error",
             std::string_view param = "None");
/// The same with {"error": <text>} as message text, as LiteLLM's HTTPException details come out.
Reply refuse_detail(int status, std::string_view text, std::string_view type = "internal_server_error");
/// 422 {"detail":[{"type","loc":[where, field],"msg","input"}]}, FastAPI's body validation.
Reply invalid(std::string_view where, std::string_view field, std::string_view message,
              std::string_view type = "missing");
/// A store's failure: 503 when it cannot be reached, 500 otherwise.
Reply failed(const Error& error);

/// The body as an object; an empty body is an empty object. Null + `reply` set when it is not one.
bool read_object(const Call& call, Value& out, Reply& reply);

/// Percent-decoded value of a query parameter; empty optional = absent.
std::optional<std::string> query_text(const Call& call, std::string_view name);
/// Comma-separated or repeated.
std::vector<std::string> query_texts(const Call& call, std::string_view name);
/// An integer within [least, most]; the fallback when absent. False + reply (422) when it is not a number.
bool query_number(const Call& call, std::string_view name, std::int64_t fallback, std::int64_t least,
                  std::int64_t most, std::int64_t& out, Reply& reply);
bool query_flag(const Call& call, std::string_view name, bool fallback = false);

} // namespace switchyard::management
