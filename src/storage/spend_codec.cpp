// One list of fields serves writing and reading: texts and numbers as varints in that order. Pure.
#include "storage/spend_codec.hpp"

namespace switchyard::storage {
namespace {

/// The order is the format of version 1.
template <class Event, class Visitor>
void each_field(Event& e, Visitor& v) {
  v(e.call_id), v(e.request_id), v(e.call_type), v(e.route), v(e.api_key), v(e.key_alias), v(e.user);
  v(e.team_id), v(e.team_alias), v(e.organization_id), v(e.project_id), v(e.end_user), v(e.agent_id);
  v(e.model), v(e.model_group), v(e.model_id), v(e.provider), v(e.api_base), v(e.requester_ip);
  v(e.session_id), v(e.status), v(e.cache_hit), v(e.cache_key), v(e.metadata), v(e.messages);
  v(e.response), v(e.proxy_server_request), v(e.tags), v(e.start_ms), v(e.end_ms), v(e.first_token_ms);
  auto& u = e.usage;
  v(u.prompt_tokens), v(u.completion_tokens), v(u.total_tokens), v(u.present), v(u.cache_read_tokens);
  v(u.cache_write_tokens), v(u.cache_write_1h_tokens), v(u.audio_in_tokens), v(u.image_in_tokens);
  v(u.reasoning_tokens), v(u.audio_out_tokens), v(u.image_out_tokens), v(u.images), v(u.characters);
  v(u.audio_ms), v(u.search_units), v(u.web_searches), v(u.tier), v(e.spend), v(e.member);
}

struct Writer {
  std::string& out;

  void operator()(std::uint64_t value) {
    if (value < 0x80) return out.push_back(static_cast<char>(value));
    char bytes[10];
    std::size_t size = 0;
    for (; value >= 0x80; value >>= 7) bytes[size++] = static_cast<char>(value | 0x80);
    bytes[size++] = static_cast<char>(value);
    out.append(bytes, size);
  }
  void operator()(std::int64_t value) { // zigzag
    (*this)(static_cast<std::uint64_t>(value) << 1 ^ static_cast<std::uint64_t>(value >> 63));
  }
  void operator()(std::uint32_t value) { (*this)(std::uint64_t{value}); }
  void operator()(bool value) { (*this)(std::uint64_t{value}); }
  void operator()(ServiceTier value) { (*this)(static_cast<std::uint64_t>(value)); }
  void operator()(Money value) { (*this)(value.nanos()); }
  void operator()(const std::string& text) {
    (*this)(std::uint64_t{text.size()});
    if (!text.empty()) out.append(text); // half of them are
  }
  void operator()(const std::vector<std::string>& texts) {
    (*this)(std::uint64_t{texts.size()});
    for (const std::string& text : texts) (*this)(text);
  }
};

struct Reader {
  std::string_view left;
  bool good = true;

  std::uint64_t number(std::uint64_t most) {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !left.empty(); shift += 7) {
      const auto byte = static_cast<unsigned char>(left.front());
      left.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7Fu} << shift;
      if (byte >= 0x80) continue;
      if (value > most) break;
      return value;
    }
    return good = false, 0;
  }
  void operator()(std::int64_t& value) {
    const std::uint64_t raw = number(UINT64_MAX);
    value = static_cast<std::int64_t>(raw >> 1 ^ (~(raw & 1) + 1));
  }
  void operator()(std::uint32_t& value) { value = static_cast<std::uint32_t>(number(UINT32_MAX)); }
  void operator()(bool& value) { value = number(1) != 0; }
  void operator()(ServiceTier& value) { value = static_cast<ServiceTier>(number(3)); }
  void operator()(Money& value) {
    std::int64_t nanos = 0;
    (*this)(nanos);
    value = Money::nanos(nanos);
  }
  void operator()(std::string& text) {
    const std::uint64_t size = number(left.size());
    if (size > left.size()) good = false; // the length itself took bytes
    if (!good) return;
    text.assign(left.substr(0, size));
    left.remove_prefix(size);
  }
  void operator()(std::vector<std::string>& texts) {
    texts.clear();
    const std::uint64_t count = number(left.size()); // each takes a byte at least
    for (std::uint64_t i = 0; i < count && good; ++i) (*this)(texts.emplace_back());
  }
};

} // namespace

void encode_event(const SpendEvent& event, std::string& out) {
  Writer writer{out};
  each_field(event, writer);
}

bool decode_event(std::string_view bytes, SpendEvent& out) {
  Reader reader{bytes};
  each_field(out, reader);
  return reader.good && reader.left.empty();
}

} // namespace switchyard::storage
