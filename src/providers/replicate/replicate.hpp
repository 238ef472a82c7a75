// Replicate as pure functions: a prediction is made, asked for until it is done, and read. Internal to this
// folder.
#pragma once

#include "providers/common/parts.hpp"
#include "providers/family/chat.hpp"
#include "providers/family/family.hpp"

#include <string_view>

namespace switchyard::providers::replicate {

Result<void> encode(Job& job, Upstream& out);
Result<bool> follow_up(const FamilyTarget&, const Call&, const UpstreamAnswer&, int round, Upstream&,
                       Millis& wait);
std::unique_ptr<StreamDecoder> stream(const FamilyTarget&, const Call&, std::string_view client_model);
Result<void> decode(const FamilyTarget&, const Call&, const UpstreamAnswer&, std::string_view client_model,
                    Answer&);

} // namespace switchyard::providers::replicate
