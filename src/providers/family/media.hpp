// Pictures and files of a request that stand there as URLs: which of them a family needs the bytes of, and
// putting data URLs in their places. Pure, any thread; nothing is fetched here.
#pragma once

#include "providers/family/family.hpp"

#include <string>
#include <vector>

namespace switchyard::providers {

/// http(s) URLs of the messages' image_url, video_url, file and document parts (and of Messages' sources)
/// that Family::needs_bytes wants, each once.
std::vector<std::string> media_to_fetch(const FamilyTarget& target, const Call& call);
/// Replaces what Call::media has. Fails when something fetched is not what its part calls it.
Result<void> inline_media(const FamilyTarget& target, const Call& call, Value& request);

} // namespace switchyard::providers
