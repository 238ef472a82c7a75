// Errors in the words of the API that the client speaks. Pure, any thread.
#include <switchyard/inbound.hpp>
#include <switchyard/json_scan.hpp>

#include <algorithm>
#include <iterator>

namespace switchyard::providers {
namespace {

using std::string_view;

struct Word {
  int status;
  string_view word;
};

/// https://docs.claude.com/en/api/errors
constexpr Word k_anthropic[] = {
    {400, "invalid_request_error"}, {401, "authentication_error"}, {402, "billing_error"},
    {403, "permission_error"},      {404, "not_found_error"},      {405, "invalid_request_error"},
    {408, "timeout_error"},         {413, "request_too_large"},    {415, "invalid_request_error"},
    {422, "invalid_request_error"}, {429, "rate_limit_error"},     {503, "overloaded_error"},
    {504, "timeout_error"},         {529, "overloaded_error"}};

/// https://ai.google.dev/gemini-api/docs/troubleshooting, google.rpc.Code
constexpr Word k_google[] = {
    {400, "INVALID_ARGUMENT"}, {401, "UNAUTHENTICATED"},    {403, "PERMISSION_DENIED"},
    {404, "NOT_FOUND"},        {405, "INVALID_ARGUMENT"},   {408, "DEADLINE_EXCEEDED"},
    {409, "ABORTED"},          {413, "INVALID_ARGUMENT"},   {415, "INVALID_ARGUMENT"},
    {422, "INVALID_ARGUMENT"}, {429, "RESOURCE_EXHAUSTED"}, {499, "CANCELLED"},
    {501, "UNIMPLEMENTED"},    {503, "UNAVAILABLE"},        {504, "DEADLINE_EXCEEDED"}};

template <std::size_t N>
string_view word_of(const Word (&words)[N], int status, string_view otherwise) {
  auto at = std::find_if(std::begin(words), std::end(words),
                         [status](auto& word) { return word.status == status; });
  return at == std::end(words) ? otherwise : at->word;
}

bool is_messages(Endpoint endpoint) {
  return endpoint == Endpoint::messages || endpoint == Endpoint::messages_count;
}
bool is_google(Endpoint endpoint) {
  return endpoint == Endpoint::generate_content || endpoint == Endpoint::generate_count;
}

std::string anthropic_error(const Error& error) {
  auto type = word_of(k_anthropic, error.http_status(), "api_error");
  return R"({"type":"error","error":{"type":)" + json_string(type) +
         ",\"message\":" + json_string(error.message) + "}}";
}

std::string google_error(const Error& error) {
  const int status = error.http_status();
  auto word = word_of(k_google, status, status >= 500 ? "INTERNAL" : "FAILED_PRECONDITION");
  return "{\"error\":{\"code\":" + std::to_string(status) + ",\"message\":" + json_string(error.message) +
         ",\"status\":" + json_string(word) + "}}";
}

/// OpenAI's `error` event, with the envelope in it that SDKs raise errors for.
std::string response_event(const Error& error) {
  auto envelope = to_json(error);
  auto open = envelope.find(":{"); // {"error":{..}}
  auto inner = envelope.starts_with("{\"error\":{") ? envelope.substr(open + 1, envelope.size() - open - 2)
                                                    : "{\"message\":" + json_string(error.message) + "}";
  return R"({"type":"error","code":)" + json_string(describe(error.code).name) +
         ",\"message\":" + json_string(error.message) +
         ",\"param\":null,\"sequence_number\":0,\"error\":" + inner + "}";
}

} // namespace

std::string error_body(Endpoint endpoint, const Error& error) {
  if (is_messages(endpoint)) return anthropic_error(error);
  return is_google(endpoint) ? google_error(error) : to_json(error);
}

std::string error_frame(Endpoint endpoint, const Error& error) {
  if (is_messages(endpoint)) return "event: error\ndata: " + anthropic_error(error) + "\n\n";
  if (endpoint == Endpoint::responses) return "event: error\ndata: " + response_event(error) + "\n\n";
  return "data: " + error_body(endpoint, error) + "\n\n";
}

bool ends_with_done(Endpoint endpoint) noexcept {
  return endpoint != Endpoint::responses && !is_messages(endpoint) && !is_google(endpoint);
}

} // namespace switchyard::providers
