// Where a shard asks for keys and customers that it does not know. Set up at the start, then read only.
#pragma once

#include <switchyard/key_ring.hpp>

namespace switchyard::http::access {

struct KeyPlane {
  Mailbox<KeyLookup> keys;
  Mailbox<CustomerLookup> customers;
  bool store = false; ///< false: the master key is the only one
};

} // namespace switchyard::http::access
