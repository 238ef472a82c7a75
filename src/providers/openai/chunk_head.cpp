// Chunks whose beginning is known are read from `choices` on. Pure but for what it remembers.
#include "providers/openai/chunk_head.hpp"

#include <array>
#include <functional>

namespace switchyard::providers {
namespace {

using std::string_view;

constexpr std::array k_views{&Members::model,  &Members::error,          &Members::data,
                             &Members::usage,  &Members::filter_results, &Members::service_tier,
                             &Members::output, &Members::meta,           &Members::duration};

/// The same bytes in another text that begins as `from` does.
string_view moved(string_view view, string_view from, string_view to) {
  return view.data() ? to.substr(static_cast<std::size_t>(view.data() - from.data()), view.size()) : view;
}

} // namespace

bool ChunkHead::read(string_view chunk, Members& out, Usage& usage) {
  if (!text_.empty() && chunk.size() > text_.size() && chunk.starts_with(text_)) {
    out = members_;
    out.model = moved(members_.model, text_, chunk);
    auto rest = JsonSkim::at_value(chunk, text_.size());
    out.choices = rest.value();
    return read_members(rest, out, usage);
  }
  if (!read_members(chunk, out, usage)) return false;
  remember(chunk, out);
  return true;
}

// Usage that was read stands for bytes no longer known, so a chunk with usage is no example.
void ChunkHead::remember(string_view chunk, const Members& members) {
  if (!members.choices.data() || members.has_usage()) return;
  text_.assign(chunk.substr(0, static_cast<std::size_t>(members.choices.data() - chunk.data())));
  members_ = {};
  for (auto view : k_views)
    if ((members.*view).data() < members.choices.data()) members_.*view = moved(members.*view, chunk, text_);
}

} // namespace switchyard::providers
