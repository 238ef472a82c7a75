// Lines of SSE or JSON text that arrives in pieces cut anywhere. Pure; one per stream.
#pragma once

#include <string>
#include <string_view>

namespace switchyard::providers::bedrock {

class SseLines {
 public:
  /// Calls f(text) for every line that is complete now: without "data:", and not for empty lines and
  /// comments.
  template <class F>
  void feed(std::string_view bytes, F&& f) {
    rest_.append(bytes);
    std::size_t at = 0;
    for (auto end = rest_.find('\n'); end != rest_.npos; end = rest_.find('\n', at)) {
      line(std::string_view(rest_).substr(at, end - at), f);
      at = end + 1;
    }
    rest_.erase(0, at);
  }
  /// The last line, when its break never came.
  template <class F>
  void finish(F&& f) {
    line(rest_, f);
    rest_.clear();
  }

 private:
  template <class F>
  static void line(std::string_view text, F&& f) {
    if (text.starts_with("data:")) text.remove_prefix(5);
    while (!text.empty() && (text.back() == '\r' || text.back() == ' ')) text.remove_suffix(1);
    while (text.starts_with(' ')) text.remove_prefix(1);
    if (!text.empty() && text[0] != ':' && !text.starts_with("event:") && !text.starts_with("id:")) f(text);
  }

  std::string rest_;
};

} // namespace switchyard::providers::bedrock
