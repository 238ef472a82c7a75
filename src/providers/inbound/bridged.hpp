// The decorator's own pieces, for tests and for other decorators. Pure, any thread.
#pragma once

#include "providers/inbound/inbound.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace switchyard::providers::inbound {

/// Hands the chunks of complete chat frames ("data: {..}\n\n"..., [DONE] is skipped) to the writer.
void write_chunks(Writer& writer, std::string_view frames, std::string& out);

/// Whole chat answers as one: their choices numbered through, with the usage of all.
Result<std::string> join_chats(const std::vector<std::string>& chats, const Usage& usage);

} // namespace switchyard::providers::inbound
