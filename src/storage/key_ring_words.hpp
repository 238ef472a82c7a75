// What Switchyards tell each other through the database: one word per changed row. Pure, any thread.
#pragma once

#include <switchyard/clock.hpp>
#include <switchyard/identity.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace switchyard::storage {

struct Heard {
  std::string sender;              ///< "" = not one of ours
  std::optional<WallTime> written; ///< when the sender said so
  std::optional<Touched> touched;  ///< nothing = look for yourself
};

/// "<sender>/<milliseconds>/key:<id>", with a '!' behind the kind when spend was set. An id that does not fit
/// into a word is left out: whoever hears that looks for itself.
std::string word_of(std::string_view sender, WallTime when, const Touched& touched);
Heard heard_in(std::string_view word);

} // namespace switchyard::storage
