// Several answers as one body: a mark that no JSON begins with, then each part behind its length. Pure.
#include <switchyard/kept_answers.hpp>

#include <charconv>

namespace switchyard::providers {
namespace {

constexpr std::string_view k_mark = "\x01parts:";

void put(std::string& out, std::string_view part) {
  out.append(std::to_string(part.size())).append(":").append(part);
}

/// False = there is no whole part left.
bool take(std::string_view& rest, std::string& part) {
  std::size_t size = 0;
  const auto [end, problem] = std::from_chars(rest.data(), rest.data() + rest.size(), size);
  if (problem != std::errc() || end == rest.data() + rest.size() || *end != ':') return false;
  rest.remove_prefix(static_cast<std::size_t>(end - rest.data()) + 1);
  if (size > rest.size()) return false;
  part.assign(rest.substr(0, size));
  rest.remove_prefix(size);
  return true;
}

} // namespace

std::string pack_answers(const std::vector<KeptAnswer>& kept, std::string_view last_headers,
                         std::string_view last_body) {
  std::string out(k_mark);
  for (auto& answer : kept) put(out, answer.headers), put(out, answer.body);
  put(out, last_headers), put(out, last_body);
  return out;
}

std::vector<KeptAnswer> unpack_answers(std::string_view body) {
  std::vector<KeptAnswer> out;
  if (!body.starts_with(k_mark)) return out;
  body.remove_prefix(k_mark.size());
  for (KeptAnswer answer; take(body, answer.headers) && take(body, answer.body);)
    out.push_back(std::move(answer));
  return out;
}

} // namespace switchyard::providers
