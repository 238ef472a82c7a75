// The SSE splitter: line endings, fields, splits at every byte, sizes, and that whole frames are not copied.
#include "http/sse.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace switchyard::http {
namespace {

/// "event|data" per frame, with the end of the stream. Every feed dies before the next one, as real buffers
/// do.
std::vector<std::string> frames(const std::vector<std::string>& feeds, std::string* raw = nullptr) {
  std::vector<std::string> out;
  SseSplitter splitter;
  SseFrame frame;
  auto take = [&] {
    out.push_back(std::string(frame.event) + "|" + std::string(frame.data));
    if (raw) *raw += frame.raw;
  };
  for (auto& text : feeds) {
    auto bytes = std::make_unique<std::string>(text);
    EXPECT_TRUE(splitter.feed(*bytes));
    while (splitter.next(frame)) take();
  }
  if (splitter.finish(frame)) take();
  EXPECT_FALSE(splitter.finish(frame));
  return out;
}
using Frames = std::vector<std::string>;

TEST(Sse, SplitsFrames) {
  EXPECT_EQ(frames({"data: a\n\ndata: b\n\n"}), (Frames{"|a", "|b"}));
  EXPECT_EQ(frames({"event: x\ndata: {\"a\":1}\nid: 7\nretry: 5\n\n"}), (Frames{"x|{\"a\":1}"}));
  EXPECT_EQ(frames({"data:no space\n\n"}), (Frames{"|no space"}));
  EXPECT_EQ(frames({"data:  two spaces\n\n"}), (Frames{"| two spaces"}));
  EXPECT_EQ(frames({"data\n\n"}), (Frames{"|"}));
}

TEST(Sse, JoinsDataLines) { EXPECT_EQ(frames({"data: a\ndata:\ndata: c\n\n"}), (Frames{"|a\n\nc"})); }

TEST(Sse, CommentsComeAsEmptyFrames) {
  EXPECT_EQ(frames({": ping\n\ndata: a\n: inside\n\n\n"}), (Frames{"|", "|a", "|"}));
}

TEST(Sse, SkipsTheBom) {
  EXPECT_EQ(frames({"\xEF\xBB", "\xBF"
                                "data: a\n\n"}),
            (Frames{"|a"}));
}

TEST(Sse, TheLastFrameMayLackItsBlankLine) {
  EXPECT_EQ(frames({"data: a\n\ndata: b"}), (Frames{"|a", "|b"}));
  EXPECT_EQ(frames({"data: a\n\n", "data: ", "b\n"}), (Frames{"|a", "|b"}));
  EXPECT_EQ(frames({"data: a\n\n"}), (Frames{"|a"}));
  EXPECT_EQ(frames({}), Frames{});
}

TEST(Sse, EverySplitGivesTheSameFrames) {
  for (std::string ending : {"\n", "\r\n", "\r"}) {
    std::string text;
    for (std::string line :
         {"event: x", "data: one", "", "data: two", "data: lines", "", ": c", "", "data: last", ""})
      text += line + ending;
    Frames expected{"x|one", "|two\nlines", "|", "|last"};
    for (std::size_t a = 0; a <= text.size(); ++a) {
      for (std::size_t b = a; b <= text.size(); ++b) {
        std::string raw;
        ASSERT_EQ(frames({text.substr(0, a), text.substr(a, b - a), text.substr(b)}, &raw), expected)
            << a << " " << b;
        ASSERT_EQ(raw, text);
      }
    }
  }
}

TEST(Sse, AnEventIsNotHeldBack) {
  for (std::string text : {"data: a\n\n", "data: a\r\n\r\n"}) {
    SseSplitter splitter;
    SseFrame frame;
    ASSERT_TRUE(splitter.feed(text));
    EXPECT_TRUE(splitter.next(frame));
  }
  SseSplitter splitter;
  SseFrame frame;
  ASSERT_TRUE(splitter.feed("data: a\r\r"));
  EXPECT_TRUE(splitter.next(frame));
}

TEST(Sse, WholeFramesAreViews) {
  std::string bytes = "data: a\n\ndata: b\n\ndata: par";
  SseSplitter splitter;
  SseFrame first, second, none;
  ASSERT_TRUE(splitter.feed(bytes));
  ASSERT_TRUE(splitter.next(first));
  ASSERT_TRUE(splitter.next(second));
  EXPECT_FALSE(splitter.next(none));
  EXPECT_EQ(first.data.data(), bytes.data() + 6);
  EXPECT_EQ(second.raw.data(), bytes.data() + 9);
}

TEST(Sse, FramesOfOneFeedLiveSideBySide) {
  SseSplitter splitter;
  SseFrame partial, first, second;
  ASSERT_TRUE(splitter.feed("data: 1\nda"));
  EXPECT_FALSE(splitter.next(partial));
  ASSERT_TRUE(splitter.feed("ta: 2\n\ndata: 3\ndata: 4\n\ndata: rest"));
  ASSERT_TRUE(splitter.next(first));
  ASSERT_TRUE(splitter.next(second));
  EXPECT_FALSE(splitter.next(partial));
  EXPECT_EQ(first.data, "1\n2");
  EXPECT_EQ(second.data, "3\n4");
  EXPECT_EQ(first.raw, "data: 1\ndata: 2\n\n");
}

TEST(Sse, RefusesAnEndlessFrame) {
  SseSplitter splitter(1000);
  SseFrame frame;
  std::string piece(300, 'x');
  Result<void> fed = splitter.feed("data: ");
  for (int i = 0; i < 10 && fed; ++i) {
    EXPECT_FALSE(splitter.next(frame));
    fed = splitter.feed(piece);
  }
  ASSERT_FALSE(fed);
  EXPECT_EQ(fed.error().code, Errc::bad_gateway);
}

} // namespace
} // namespace switchyard::http
