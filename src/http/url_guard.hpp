// URLs that clients write into requests and that are fetched here: where they may lead. Pure, but for
// look_up_public(), which blocks and runs on a resolver's thread.
#pragma once

#include "http/upstream/resolver.hpp"

#include <switchyard/provider.hpp>

#include <boost/asio/ip/address.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace switchyard::http {

/// An http(s) URL taken apart.
struct UserUrl {
  Origin origin;
  std::string text;      ///< the whole of it, for what it redirects to
  std::string authority; ///< the Host line
  std::string target;    ///< origin-form
};
/// Errors are for the client and name what is wrong.
Result<UserUrl> read_user_url(std::string_view url);
/// A Location, which may be relative to `from`.
Result<UserUrl> read_redirect(const UserUrl& from, std::string_view location);

/// Reachable from everywhere, so that this machine reaches nothing by it that the client could not: no
/// private, loopback, link-local, shared, reserved or multicast address, and no cloud's metadata service.
bool is_public(const boost::asio::ip::address& address) noexcept;
/// user_url_allowed_hosts: "host" (any port) or "host:port", IPv6 in brackets.
bool is_allowed(const UserUrl& url, const std::vector<std::string>& hosts);
/// A host that is written as an address which is not public. Names are for look_up_public().
bool is_blocked_address(const UserUrl& url);

/// DNS where one address that is not public spoils the answer. What it yields is what is connected to.
Result<upstream::Addresses> look_up_public(const std::string& host);

} // namespace switchyard::http
