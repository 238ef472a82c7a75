// HTTP/1.1 requests as the mock reads them: Content-Length and chunked bodies, pipelining, 100-continue.
// Runs on the mock's only thread. Independent of src/ on purpose: the witness must not share the defendant's
// code.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::mock {

struct Header {
  std::string_view name, value;
};

/// One request. Every view points into the connection's input buffer and dies with consume().
struct Request {
  std::string_view method, target, path, query;
  std::vector<Header> headers;
  std::string_view body;
  bool keep_alive = true;

  /// First value of a header, compared without case; empty when absent.
  std::string_view header(std::string_view name) const;
};

bool same_word(std::string_view a, std::string_view b);

class RequestReader {
 public:
  enum class State : std::uint8_t { need_more, need_continue, ready, bad };

  /// Looks at everything received and not consumed. `need_continue` is answered once per request.
  State next(std::string_view data, Request& out);
  /// Bytes of the request that was ready; they may be dropped, then next() may be called again.
  std::size_t consume();

 private:
  enum class Framing : std::uint8_t { unknown, length, chunked };

  bool parse_head(std::string_view head, Request& out);
  State wait_body(const Request& request);
  State decode_chunks(std::string_view data);

  Framing framing_ = Framing::unknown;
  std::size_t scanned_ = 0; ///< no head end before this offset
  std::size_t body_begin_ = 0, length_ = 0, end_ = 0;
  std::size_t chunk_at_ = 0; ///< next undecoded byte of a chunked body
  std::string decoded_;
  bool continued_ = false;
};

} // namespace switchyard::mock
