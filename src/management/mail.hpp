// Mail that was asked for and is not sent. Store threads.
#pragma once

#include "management/fields.hpp"

#include <switchyard/log.hpp>

#include <string>

namespace switchyard::management {

/// Header lines for the answer to a request with send_invite_email; "" without.
inline std::string no_mail(const Body& body) {
  if (!body.flag("send_invite_email")) return {};
  log::warning("invite_email", {{"problem", "not sent: no mail is configured here"}});
  return "x-switchyard-warning: send_invite_email: not sent, no mail is configured here\r\n";
}

} // namespace switchyard::management
