// What an answer says that it used. Pure, any thread.
#pragma once

#include <switchyard/json_skim.hpp>
#include <switchyard/provider.hpp>

#include <string_view>

namespace switchyard::providers {

struct Members;

/// Takes a member `usage`: an object of any spelling (prompt_tokens or input_tokens) is read into `out`,
/// and "{" stands for it; anything else is returned as written. Its tier and its searches stay what they are
/// when the object does not tell.
std::string_view take_usage(JsonSkim& member, Usage& out);

/// The value of `service_tier`, as written.
ServiceTier tier_of(std::string_view raw) noexcept;

/// Whether an item of a response's output is a web search that was made.
bool is_web_search(std::string_view item);

/// What a whole answer says elsewhere: images and transcripts by their length, searches, units of reranking.
void read_units(Endpoint endpoint, const Members& members, Usage& out);

} // namespace switchyard::providers
