// A fixed week of spend for the tests of its views. Tests only.
#pragma once

#include "unit/management/world.hpp"

namespace switchyard::management {

/// Keys of two users in two teams; five calls on three days.
class SpendWorld : public World {
 public:
  SpendWorld() {
    insert("TeamTable", R"({"team_id":"t1","team_alias":"Red","spend":4,"members_with_roles":[
      {"user_id":"ann","role":"admin"},{"user_id":"bob","role":"user"}]})");
    insert("TeamTable", R"({"team_id":"t2","team_alias":"Blue","spend":0})");
    insert("UserTable",
           R"({"user_id":"ann","spend":1.5,"teams":["t1"],"password":"scrypt:x","user_email":"a@x"})");
    insert("UserTable", R"({"user_id":"bob","spend":2.5,"teams":["t1"]})");
    insert("VerificationToken", R"({"token":"k1","key_alias":"one","key_name":"sk-...one1","user_id":"ann",
      "team_id":"t1","spend":1.5})");
    insert("VerificationToken",
           R"({"token":"k2","key_alias":"two","user_id":"bob","team_id":"t2","spend":2.5})");
    log(R"("request_id":"r1","api_key":"k1","user":"ann","team_id":"t1","model":"gpt-4o","model_group":"big",
      "custom_llm_provider":"openai","end_user":"carl","spend":1.0,"prompt_tokens":10,"completion_tokens":5,
      "total_tokens":15,"startTime":"2026-04-30T10:00:00Z","endTime":"2026-04-30T10:00:01Z","status":"success",
      "session_id":"s1","request_tags":["a","b"],"metadata":{"user_api_key_alias":"one"},
      "messages":[{"role":"user","content":"hi"}],"response":{"id":"r1"})");
    log(R"("request_id":"r2","api_key":"k1","user":"ann","team_id":"t1","model":"gpt-4o","model_group":"big",
      "custom_llm_provider":"openai","spend":0.5,"prompt_tokens":4,"completion_tokens":1,"total_tokens":5,
      "startTime":"2026-05-02T09:00:00Z","endTime":"2026-05-02T09:00:01Z","session_id":"s1")");
    log(R"("request_id":"r3","api_key":"k2","user":"bob","team_id":"t2","model":"claude","model_group":"clever",
      "custom_llm_provider":"anthropic","end_user":"dora","spend":2.5,"prompt_tokens":100,"completion_tokens":50,
      "total_tokens":150,"startTime":"2026-05-02T08:00:00.5Z","endTime":"2026-05-02T08:00:01Z","cache_hit":"True")");
    log(R"("request_id":"r4","api_key":"k2","user":"bob","model":"claude","model_group":"clever","spend":0,
      "startTime":"2026-05-01T23:59:59.999Z","endTime":"2026-05-02T00:00:00Z","status":"failure",
      "metadata":{"error_information":{"error_code":"429"}})");
    log(R"("request_id":"old","api_key":"k2","user":"bob","model":"claude","spend":9,
      "startTime":"2025-01-01T00:00:00Z","endTime":"2025-01-01T00:00:00Z")");
  }

  void log(const std::string& members) {
    insert("SpendLogs", "{\"call_type\":\"acompletion\"," + members + "}");
  }
  /// The answer's text, members as the handler ordered them.
  std::string text(std::string_view target, int status = 200) { return to_json(get(target, status)); }
  /// A member of every element of the list: "r1 r2".
  std::string each(const Value& list, std::string_view member) {
    std::string out;
    for (auto& part : *list.as_list()) {
      auto* value = part.find(member);
      auto* word = value ? value->as_string() : nullptr;
      out += (out.empty() ? "" : " ") + (word ? *word : value ? to_json(*value) : "-");
    }
    return out;
  }
};

} // namespace switchyard::management
