// How one kind of model wants a chat written, as data. Immutable, any thread; not for other folders
// (prompts.hpp is).
#pragma once

#include <switchyard/value.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace switchyard::providers {

struct Turn {
  std::string_view pre, post;
};

enum LayoutFlag : std::uint8_t {
  k_trim_texts = 1,  ///< each message's text without surrounding white space
  k_trim_whole = 2,  ///< the finished prompt likewise
  k_trim_end = 4,    ///< its right end only
  k_cue = 8,         ///< `final` only when the assistant does not have the last word already
  k_fold_system = 16 ///< no system turns: their text goes before the next user's
};

struct Layout {
  std::string_view name;
  std::string_view bos = {}, eos = {}, initial = {}, final = {};
  Turn system = {}, user = {}, assistant = {};
  std::uint8_t flags = 0;
  std::string_view between = {}; ///< of the messages
  /// Layouts that no table of turns can say.
  std::string (*render)(const Layout&, const ValueList&) = nullptr;
};

/// The layout of a model without a template of its own; never null.
const Layout& find_layout(std::string_view provider, std::string_view model) noexcept;

enum class Side : std::uint8_t { system, user, assistant };
/// developer is system, tool and function results are the user's side, anything unknown as well.
Side side_of(const Value& message) noexcept;

// -- renderers of layouts
std::string render_turns(const Layout& layout, const ValueList& messages);
std::string render_human_first(const Layout& layout, const ValueList& messages); ///< Claude text, Titan
std::string render_claude_2_1(const Layout& layout, const ValueList& messages);
std::string render_falcon(const Layout& layout, const ValueList& messages);
std::string render_ollama(const Layout& layout, const ValueList& messages);
std::string render_llama_guard(const Layout& layout, const ValueList& messages);

} // namespace switchyard::providers
