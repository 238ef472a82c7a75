// Reads one HTTP/1.1 reply as it arrives and counts its SSE events. Keeps no body. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace switchyard::load {

class ReplyReader {
 public:
  enum class State : std::uint8_t { more, done, bad };

  /// Takes what belongs to this reply from the front of `data`.
  State feed(std::string_view& data);
  /// The peer closed: a reply without length ends here.
  State closed() const { return part_ == Part::until_close ? State::done : State::bad; }
  void restart() { *this = ReplyReader(); }

  int status() const { return status_; }
  std::uint64_t events() const { return events_; }
  bool started() const { return part_ != Part::head || !head_.empty(); }
  bool has_body() const { return body_seen_; }
  bool keep_alive() const { return keep_alive_; }

 private:
  enum class Part : std::uint8_t { head, length, chunk_size, chunk_data, chunk_end, trailer, until_close };

  State read_head(std::string_view& data);
  bool parse_head(std::string_view head);
  State read_chunked(std::string_view& data);
  State read_line(std::string_view& data);
  State end_of_line(std::string_view line);
  void count_events(std::string_view payload);

  Part part_ = Part::head;
  std::string head_; ///< a head or line that arrived in pieces
  int status_ = 0;
  std::uint64_t left_ = 0, events_ = 0;
  bool keep_alive_ = true, body_seen_ = false, newline_ = false;
};

} // namespace switchyard::load
