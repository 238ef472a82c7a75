// Content-Encoding of request bodies: parses the header and runs the codings one behind the other. One per
// request.
#include "core/decode_stage.hpp"

#include <switchyard/ascii.hpp>
#include <switchyard/content_decode.hpp>

#include <algorithm>
#include <cctype>
#include <vector>

namespace switchyard {
namespace {

constexpr std::size_t k_chunk = 16 << 10;
constexpr std::size_t k_most_codings = 2;

Error unsupported(std::string_view header) {
  Error error{Errc::unsupported_encoding};
  error.message = "Unsupported Content-Encoding: " + std::string(header.substr(0, 64));
  return error;
}

Error corrupt(const char* what) { return Error{Errc::invalid_request, what}; }

// Names in the order in which they were applied; empty members and identity change nothing.
std::vector<std::string> list_codings(std::string_view header) {
  std::vector<std::string> names;
  while (!header.empty()) {
    const std::size_t comma = std::min(header.find(','), header.size());
    std::string name = lower_case(trim(header.substr(0, comma)));
    header.remove_prefix(std::min(comma + 1, header.size()));
    if (!name.empty() && name != "identity") names.push_back(std::move(name));
  }
  return names;
}

} // namespace

ContentDecoder::ContentDecoder() = default;
ContentDecoder::ContentDecoder(ContentDecoder&&) noexcept = default;
ContentDecoder& ContentDecoder::operator=(ContentDecoder&&) noexcept = default;
ContentDecoder::~ContentDecoder() = default;

Result<ContentDecoder> ContentDecoder::make(std::string_view content_encoding) {
  const std::vector<std::string> names = list_codings(content_encoding);
  if (names.size() > k_most_codings) return unsupported(content_encoding);
  ContentDecoder out;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const core::MakeStage make_stage = core::find_coding(names[names.size() - 1 - i]);
    if (!make_stage) return unsupported(content_encoding);
    out.stages_[i] = make_stage();
  }
  return out;
}

// Each stage is held to the cap, not only the last: data that decodes to much and then to nothing costs time.
Result<void> ContentDecoder::run(std::size_t index, std::string_view in, std::string& out, std::size_t cap) {
  if (index == stages_.size() || !stages_[index]) {
    total_.back() += in.size();
    if (total_.back() > cap) return Error{Errc::body_too_large, "the decoded request body is too large"};
    out.append(in);
    return {};
  }
  std::array<char, k_chunk> chunk;
  for (;;) {
    const std::size_t before = in.size();
    std::size_t produced = 0;
    if (!stages_[index]->step(in, chunk, produced))
      return corrupt("the request body does not match its Content-Encoding");
    if (produced == 0 && in.size() == before) return {};
    if ((total_[index] += produced) > cap)
      return Error{Errc::body_too_large, "the decoded request body is too large"};
    if (produced == 0) continue;
    const Result<void> next = run(index + 1, {chunk.data(), produced}, out, cap);
    if (!next) return next;
  }
}

Result<void> ContentDecoder::feed(std::string_view in, std::string& out, std::size_t cap) {
  return run(0, in, out, cap);
}

Result<void> ContentDecoder::finish() const {
  for (const auto& stage : stages_)
    if (stage && !stage->complete()) return corrupt("the request body ends before its Content-Encoding does");
  return {};
}

} // namespace switchyard
