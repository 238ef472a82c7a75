// The decorator's own pieces, for tests and for other decorators. Pure, any thread.
#pragma once

#include "providers/inbound/inbound.hpp"

#include <string>
#include <string_view>

namespace switchyard::providers::inbound {

/// Hands the chunks of complete chat frames ("data: {..}\n\n"..., [DONE] is skipped) to the writer.
void write_chunks(Writer& writer, std::string_view frames, std::string& out);

} // namespace switchyard::providers::inbound
