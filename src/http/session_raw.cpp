// Session: a connection that leaves HTTP. Bytes go through the inbox, then straight into a buffer of the
// session, since a read may still be pending when the handler is done. Runs on one shard.
#include "http/session.hpp"
#include "http/shard_stats.hpp"

namespace switchyard::http {
namespace {

constexpr std::size_t k_piece = 16 * 1024;

} // namespace

Soon<bool> Session::upgrade(std::string_view headers) {
  if (responded || stream_ != Stream::none || head.http_1_0 || body_on_wire()) return false;
  responded = true, keep_ = false;
  body_state_ = Body::done;
  stream_ = Stream::raw;
  raw_ = std::make_unique<char[]>(k_piece);
  edge_.shard.stats->responses[1].add();
  out_.clear();
  append_status_line(out_, 101);
  out_.append(edge_.date.at(edge_.shard.clock.wall()));
  out_.append(headers);
  out_.append(extra_headers);
  out_.append("\r\n");
  parts_.assign(1, asio::buffer(out_));
  return flush();
}

RawBytes Session::raw_at_hand() {
  RawBytes out;
  if (auto direct = inbox_.take_direct()) {
    out.bytes = {raw_.get(), direct};
  } else if (auto here = inbox_.unread(); !here.empty()) {
    inbox_.consume(here.size()); // stays where it is until the next read
    out.bytes = here;
  }
  out.ended = out.bytes.empty() && (broken_ || inbox_.ended());
  return out;
}

aw<RawBytes> Session::read_raw() {
  auto out = raw_at_hand();
  if (!raw_ || !out.bytes.empty() || out.ended) co_return out;
  co_await inbox_.more({raw_.get(), k_piece});
  co_return raw_at_hand();
}

} // namespace switchyard::http
