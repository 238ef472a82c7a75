// Chooses the local answer of a call: an error, a wait, or one endpoint's writer. Pure, any thread.
#include "providers/local/local.hpp"

#include <algorithm>
#include <array>

namespace switchyard::providers {
namespace {

using std::string_view;

constexpr std::array<LocalWriter, static_cast<std::size_t>(Endpoint::messages)> k_writers{
    write_chat,   write_completion, write_embeddings,    write_response,      write_moderation, write_images,
    write_images, write_images,     write_transcription, write_transcription, write_speech,     write_rerank};

/// "ContentPolicyViolationError" -> "content policy violation error"
std::string spelled_out(string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    bool upper = name[i] >= 'A' && name[i] <= 'Z';
    bool next_lower = i + 1 < name.size() && name[i + 1] >= 'a';
    bool after_lower = i > 0 && name[i - 1] >= 'a';
    if (upper && i > 0 && (after_lower || next_lower)) out += ' ';
    out += upper ? static_cast<char>(name[i] + 32) : name[i];
  }
  if (!out.ends_with("error")) out += " error";
  return out;
}

Error mock_failure(Errc code) {
  std::string name(describe(code).name);
  Error error;
  error.code = code;
  error.message = "litellm." + name + ": ";
  if (code == Errc::context_window_exceeded || code == Errc::content_policy_violation)
    error.message += "litellm.BadRequestError: ";
  error.message += "this is a mock " + spelled_out(name);
  return error;
}

struct Mock {
  std::string text; ///< what to say; empty = nothing was mocked
  string_view list; ///< raw JSON of a list
};

Mock find_mock(const Target& target, const LocalCall& call) {
  Mock mock;
  auto raw = call.raw("mock_response");
  if (raw.starts_with('"')) {
    auto text = unescape(raw);
    if (text) mock.text = std::move(*text);
  } else if (raw.starts_with('[')) {
    mock.list = raw;
  } else if (!raw.empty() && raw != "null" && raw != "false") {
    mock.text = raw == "true" ? std::string(k_default_text) : std::string(raw);
  } else {
    mock.text = target.mock_response;
    if (mock.text.starts_with('[')) mock.list = target.mock_response;
  }
  return mock;
}

double find_delay(const Target& target, const LocalCall& call) {
  auto raw = call.raw("mock_timeout");
  if (raw == "true") return -1;
  if (auto seconds = as_number(raw)) return std::clamp(*seconds, 0.0, 86400.0);
  if (target.mock_timeout_flag) return -1;
  return target.mock_timeout.value_or(0);
}

} // namespace

string_view LocalCall::raw(string_view key) const {
  auto* field = call.json ? call.json->find(key) : nullptr;
  return field ? call.json->raw(*field) : string_view{};
}

std::int64_t LocalCall::number(string_view key, std::int64_t otherwise, std::int64_t least,
                               std::int64_t most) const {
  auto value = as_int(raw(key));
  return value ? std::clamp(*value, least, most) : otherwise;
}

std::vector<string_view> words_of(string_view text) {
  std::vector<string_view> words;
  while (!text.empty()) {
    auto space = text.find(' ');
    auto end = space == string_view::npos ? text.size() : space + 1;
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

Errc mock_error(string_view mock_response) noexcept {
  if (mock_response == "Exception: content_filter_policy") return Errc::content_policy_violation;
  if (mock_response == "Exception: mock_streaming_error") return Errc::api_error;
  constexpr string_view k_prefix = "litellm.";
  if (!mock_response.starts_with(k_prefix)) return Errc::none;
  auto name = mock_response.substr(k_prefix.size());
  for (auto code = Errc::bad_request; code <= Errc::api_connection;
       code = static_cast<Errc>(static_cast<unsigned>(code) + 1))
    if (describe(code).name == name) return code;
  return Errc::none;
}

LocalAnswer answer_locally(const Target& target, const LocalCall& call) {
  LocalAnswer out;
  out.delay = find_delay(target, call);
  auto mock = find_mock(target, call);
  if (auto code = mock_error(mock.text); code != Errc::none) {
    out.error = mock_failure(code);
    return out;
  }
  auto text = mock.text.empty() ? k_default_text : string_view(mock.text);
  out.usage = k_mock_usage;
  if (call.call.endpoint < Endpoint::messages) // those are bridged
    k_writers[static_cast<std::size_t>(call.call.endpoint)](call, text, mock.list, out);
  return out;
}

} // namespace switchyard::providers
