// Fuzzes the chunked decoder: any split gives the same result, and no more data than input comes out. The
// first byte chooses the split.
#include "http/chunked.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>

namespace {

using switchyard::http::ChunkedDecoder;
using Status = ChunkedDecoder::Status;

struct Outcome {
  Status status = Status::more;
  std::string data;
  std::size_t used = 0;
};

Outcome decode(std::string_view input, std::size_t piece) {
  Outcome out;
  ChunkedDecoder decoder;
  while (!input.empty() && out.status == Status::more) {
    auto part = input.substr(0, piece);
    auto size = part.size();
    std::string_view data;
    while ((out.status = decoder.next(part, data)) == Status::data) out.data += data;
    out.used += size - part.size();
    input.remove_prefix(size);
  }
  return out;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  std::string input(reinterpret_cast<const char*>(data) + 1, size - 1);
  auto whole = decode(input, input.size() + 1), split = decode(input, 1u + data[0] % 16);
  bool same = whole.status == split.status && whole.data == split.data && whole.used == split.used;
  if (!same || whole.data.size() > input.size()) std::abort();
  return 0;
}
