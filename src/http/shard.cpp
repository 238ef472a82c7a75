// Shard: only its construction and destruction need the complete types behind its pointers.
#include "http/shard.hpp"

#include "http/access/token_keys.hpp"
#include "http/access/vouched.hpp"
#include "http/listed_models.hpp"
#include "http/shard_stats.hpp"
#include "http/upstream/client.hpp"

namespace switchyard::http {

Shard::Shard(std::size_t shard_number, const Clock& shard_clock, ProcessLimits& process, std::uint64_t seed)
    : number(shard_number), clock(shard_clock), limits(process), random(seed),
      deadlines(context, shard_clock), stats(std::make_unique<ShardStats>()) {}

Shard::~Shard() = default;

} // namespace switchyard::http
