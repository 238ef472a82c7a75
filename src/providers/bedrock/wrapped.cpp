// Invoke's stream: chunks whose payload holds the model's own JSON in base64. One decoder per stream, one
// shard.
#include "providers/bedrock/bedrock.hpp"
#include "providers/bedrock/tree.hpp"

#include <switchyard/ascii.hpp>

#include <charconv>

namespace switchyard::providers::bedrock {
namespace {

using std::string_view;

int value_of(char c) noexcept {
  if (c >= 'A' && c <= 'Z') return c - 'A';
  if (c >= 'a' && c <= 'z') return c - 'a' + 26;
  if (c >= '0' && c <= '9') return c - '0' + 52;
  return c == '+' ? 62 : c == '/' ? 63 : -1;
}

class Unwrap final : public StreamDecoder {
 public:
  Unwrap(const FamilyTarget& target, std::unique_ptr<StreamDecoder> inner)
      : target_(target), inner_(std::move(inner)) {}

  void on_event(string_view, string_view event, string_view data, StreamEvent& out) override {
    out.clear();
    if (is_exception(event)) return void(out.error = stream_error(target_, event, data));
    auto parsed = parse_json(data);
    auto bytes = parsed ? from_base64(text_at(*parsed, "bytes")) : std::nullopt;
    if (!bytes) return void(out.error = invalid_answer(target_, data));
    json_ = std::move(*bytes);
    if (!json_.empty()) inner_->on_event({}, {}, json_, out);
  }
  void finish(StreamEvent& out) override { inner_->finish(out); }
  bool complete() const override { return inner_->complete(); }
  const Usage& usage() const override { return inner_->usage(); }

 private:
  const FamilyTarget& target_;
  std::unique_ptr<StreamDecoder> inner_;
  std::string json_; ///< of the event; slices of `out` may point into it
};

} // namespace

std::optional<std::string> from_base64(string_view text) {
  while (text.ends_with('=')) text.remove_suffix(1);
  if (text.size() % 4 == 1) return {};
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  unsigned bits = 0;
  int count = 0;
  for (char c : text) {
    const int value = value_of(c);
    if (value < 0) return {};
    bits = bits << 6 | static_cast<unsigned>(value), count += 6;
    if (count >= 8) count -= 8, out += static_cast<char>(bits >> count & 0xff);
  }
  return out;
}

std::unique_ptr<StreamDecoder> unwrap(const FamilyTarget& target, std::unique_ptr<StreamDecoder> inner) {
  return std::make_unique<Unwrap>(target, std::move(inner));
}

void read_header_usage(string_view headers, Usage& usage) {
  while (!headers.empty()) {
    auto line = headers.substr(0, headers.find('\n'));
    headers.remove_prefix(std::min(headers.size(), line.size() + 1));
    auto colon = line.find(':');
    if (colon == string_view::npos) continue;
    auto name = line.substr(0, colon), value = line.substr(colon + 1);
    value.remove_prefix(std::min(value.size(), value.find_first_not_of(' ')));
    std::uint32_t count = 0;
    if (std::from_chars(value.data(), value.data() + value.size(), count).ec != std::errc()) continue;
    if (same_text(name, "x-amzn-bedrock-input-token-count"))
      usage.prompt_tokens = count, usage.present = true;
    if (same_text(name, "x-amzn-bedrock-output-token-count"))
      usage.completion_tokens = count, usage.present = true;
  }
}

} // namespace switchyard::providers::bedrock
