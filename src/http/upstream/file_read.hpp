// Small files read on a thread of their own, so that a file system that hangs holds up no shard. Shard code.
#pragma once

#include "http/cancel.hpp"

#include <switchyard/aio.hpp>

#include <optional>
#include <string>

namespace switchyard::http {
class Shard;
}

namespace switchyard::http::upstream {

/// The bytes of a file of at most 1 MB; nothing when it cannot be read, or when `cancel` came first.
aw<std::optional<std::string>> read_small_file(Shard& shard, std::string path, CancelScope& cancel);

} // namespace switchyard::http::upstream
