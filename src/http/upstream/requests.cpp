// Request forms on the wire: origin form as prebuilt, absolute form for HTTP proxies, CONNECT. On a shard.
#include "http/upstream/requests.hpp"

namespace switchyard::http::upstream {

void write_request(Link& link, const Request& request, const Pool& pool) {
  auto head = request.head;
  if (pool.proxy && !pool.origin.tls) {
    auto path = head.find(' ') + 1;
    auto lines = head.find("\r\n") + 2;
    link.queue(head.substr(0, path));
    link.queue(pool.absolute);
    link.queue(head.substr(path, lines - path));
    link.queue(pool.proxy->authorization);
    head.remove_prefix(lines);
  }
  link.queue(head);
  for (auto slice : request.body) link.queue(slice);
  link.write_with(pool.pools.shard.writes);
}

std::string connect_request(const Pool& pool) {
  return "CONNECT " + pool.name + " HTTP/1.1\r\nHost: " + pool.name + "\r\n" + pool.proxy->authorization +
         "\r\n";
}

} // namespace switchyard::http::upstream
