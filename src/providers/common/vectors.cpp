// Embeddings and rerank documents of any provider. Pure, any thread.
#include "providers/common/vectors.hpp"

#include "providers/family/chat.hpp"

#include <switchyard/json_scan.hpp>

#include <bit>
#include <cstring>

namespace switchyard::providers {

using std::string_view;

Result<std::vector<std::string>> embedding_texts(const Job& job) {
  auto* input = job.request.find("input");
  if (!input || input->is_null()) return bad_request(job.target, "input is missing");
  if (auto* text = input->as_string()) return std::vector<std::string>{*text};
  auto* list = input->as_list();
  if (!list) return bad_request(job.target, "input must be a string or a list of strings");
  std::vector<std::string> out;
  for (auto& item : *list) {
    auto* text = item.as_string();
    if (!text)
      return bad_request(job.target, "input[" + std::to_string(out.size()) +
                                         "] must be a string: this provider does not take tokens");
    out.push_back(*text);
  }
  if (out.empty()) return bad_request(job.target, "input must not be empty");
  return out;
}

namespace {
string_view raw_member(const Call& call, string_view key) {
  auto* field = call.json ? call.json->find(key) : nullptr;
  return field ? call.json->raw(*field) : string_view{};
}
} // namespace

bool wants_base64(const Call& call) { return raw_member(call, "encoding_format") == "\"base64\""; }

std::string vector_as_base64(string_view numbers) {
  std::string bytes;
  std::size_t pos = 0;
  for (string_view element; next_element(numbers, pos, element);) {
    auto bits = std::bit_cast<std::uint32_t>(static_cast<float>(as_number(element).value_or(0)));
    for (int i = 0; i < 4; ++i, bits >>= 8) bytes += static_cast<char>(bits & 0xff);
  }
  static constexpr string_view k_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out = "\"";
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = group << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    for (std::size_t j = 0; j < 4; ++j)
      out += i + j > bytes.size() ? '=' : k_letters[group >> (18 - 6 * j) & 63];
  }
  return out += '"';
}

std::vector<string_view> elements_of(string_view array) {
  std::vector<string_view> out;
  std::size_t pos = 0;
  for (string_view element; next_element(array, pos, element);) out.push_back(element);
  return out;
}

Result<string_view> scan_any(string_view body, std::string& wrapped, ObjectScan& scan) {
  wrapped.assign("{\"answer\":").append(body).append("}");
  if (auto done = scan_object(wrapped, scan, {.lenient_commas = false}); !done) return done.error();
  auto* field = scan.find("answer");
  if (!field || scan.fields.size() != 1) return Error(Errc::invalid_request, "no JSON value");
  return scan.raw(*field);
}

// -- rerank

Result<std::vector<std::string>> rerank_texts(const Job& job) {
  auto* documents = job.request.find("documents");
  if (!documents || !documents->as_list()) return bad_request(job.target, "documents must be a list");
  std::vector<std::string> out;
  for (auto& document : *documents->as_list()) {
    auto* text = document.as_string();
    if (!text && document.find("text")) text = document.find("text")->as_string();
    if (!text && !document.as_map())
      return bad_request(job.target,
                         "documents[" + std::to_string(out.size()) + "] must be a string or an object");
    out.push_back(text ? *text : to_json(document));
  }
  return out;
}

std::string rerank_document(const Call& call, std::int64_t index) {
  std::size_t pos = 0;
  std::int64_t at = 0;
  for (string_view element; next_element(raw_member(call, "documents"), pos, element); ++at)
    if (at == index)
      return element.starts_with('"') ? "{\"text\":" + std::string(element) + "}" : std::string(element);
  return {};
}

bool wants_documents(const Call& call) { return raw_member(call, "return_documents") == "true"; }

} // namespace switchyard::providers
