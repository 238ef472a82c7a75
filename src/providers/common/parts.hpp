// Small things that several own-format families need: renaming parameters, counts, ids, error words. Pure,
// any thread; knows no provider.
#pragma once

#include "providers/family/family.hpp"

#include <switchyard/provider.hpp>
#include <switchyard/value.hpp>

#include <span>
#include <string>
#include <string_view>

namespace switchyard::providers {

inline Value text_value(std::string_view text) { return Value(std::string(text)); }

/// Path of the base URL, then `suffix`, then the base URL's query.
std::string path_under(const BaseUrl& base, std::string_view suffix);
/// A model's name as path segments, encoded. Fails on empty segments and dots: a client's name for a model
/// must not reach other paths with our key.
Result<std::string> model_path(const FamilyTarget& target, std::string_view model);
/// Takes the first of these endings off the base's path: "/v1/chat /v1". The ending, "" when it has none.
std::string_view cut_ending(BaseUrl& base, std::string_view endings);

/// Copies members by "from:to" words (or "name"); null and absent members are left out.
void copy_renamed(const Value& request, ValueMap& body, std::string_view words);
/// The member as a count: 0 when it is absent, negative or no number.
std::uint32_t count_at(const Value& object, std::string_view key) noexcept;
/// A member that is there, is not null, and is a map; else null.
const Value* map_at(const Value& object, std::string_view key) noexcept;

/// Extra params (copy_extras), and OpenAI params that were let through by allowed_openai_params alone.
void copy_rest(const Job& job, ValueMap& body);

/// A tool call's id where the provider gives none: the same for the same call and index.
std::string made_call_id(const Call& call, std::size_t index);

/// "messages[3].content[0]"
std::string place_of(std::size_t message, std::size_t part);

struct ErrorPhrase {
  std::string_view text;
  Errc code;
};
struct ErrorStatus {
  int status;
  Errc code;
};
/// The first phrase in `body`, then the status; Errc::none when neither is listed.
Errc classify_by(std::string_view body, int status, std::span<const ErrorPhrase> phrases,
                 std::span<const ErrorStatus> statuses);

/// Separates the leading <think>...</think> of an answer from the rest, in pieces of any size.
class ThinkSplitter {
 public:
  struct Pieces {
    std::string text, reasoning;
  };
  Pieces feed(std::string_view piece);
  Pieces flush(); ///< what was held back: it became no tag

 private:
  enum State { k_start, k_inside, k_after_tag, k_text } state_ = k_start;
  std::string held_;
};

} // namespace switchyard::providers
