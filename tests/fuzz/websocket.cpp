// Fuzzes the WebSocket framing: any split of the bytes passes on the same frames, a writer's frames are read
// again as they were, and nothing grows beyond what came in. The first byte chooses the split and the sender.
#include "http/websocket.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using namespace switchyard::http::ws;
using Status = FrameReader::Status;

struct Outcome {
  std::string out;
  Status status = Status::more;
  Code code = k_normal;
  bool between = true;
};

Outcome pass(std::string_view input, Sender from, const Mask& mask, std::size_t piece_size) {
  FrameReader reader(from, 4096);
  FrameWriter writer;
  Outcome outcome;
  while (!input.empty() && outcome.status != Status::failed) {
    auto part = input.substr(0, piece_size);
    input.remove_prefix(part.size());
    Piece piece;
    while ((outcome.status = reader.next(part, piece)) == Status::piece)
      writer.append(outcome.out, piece, mask);
  }
  outcome.code = reader.code();
  outcome.between = writer.between_frames();
  return outcome;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const auto from = data[0] & 0x80 ? Sender::client : Sender::server;
  const auto whole = pass(input, from, {}, input.size() + 1),
             split = pass(input, from, {}, 1u + data[0] % 16);
  // A frame that fails behind its first bytes may have been passed on in part: only of whole ones all is
  // said.
  if (whole.out != split.out || whole.status != split.status || whole.code != split.code) std::abort();
  if (whole.out.size() > input.size()) std::abort();
  if (!whole.between) return 0;
  const Mask mask{1, 2, 3, 4};
  const auto to_server = pass(whole.out, Sender::server, mask, 5);
  const auto back = pass(to_server.out, Sender::client, {}, 3);
  if (to_server.status == Status::failed || back.out != whole.out) std::abort();
  return 0;
}
