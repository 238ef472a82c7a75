// Passes a client's request on to an upstream as it is, and the answer back byte for byte. Shard code.
#pragma once

#include "http/request.hpp"

#include <switchyard/provider.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::http {

/// The client's headers that go along: none that carry its key or frame the message. `x-pass-<h>` goes as
/// `<h>`; `all` = every other header too, not only those that describe the body or the provider's API.
std::vector<HeaderLine> forwarded_headers(const RequestHead& head, bool all);

class PassMeter;

/// By a route that passes requests on, whatever their format.
bool is_passed_on(const RequestContext& context) noexcept;

/// Sends it with the target's credentials and relays the answer, whatever its status. `path` as in
/// providers::Forwarded. `meter` may be null: such calls are not on any bill.
aw<> forward(RequestContext& context, std::shared_ptr<const providers::Target> target, std::string path,
             bool below_base, PassMeter* meter = nullptr);

/// The same to a URL of the configuration; `head` has its own headers.
aw<> forward_to(RequestContext& context, const Origin& origin, std::string head, PassMeter& meter);

} // namespace switchyard::http
