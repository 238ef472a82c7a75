// ThinkSplitter: however an answer is cut into pieces, the same text and the same thoughts come out.
#include "providers/common/parts.hpp"

#include <gtest/gtest.h>

using namespace switchyard::providers;

namespace {

ThinkSplitter::Pieces split(std::string_view answer, std::size_t step) {
  ThinkSplitter splitter;
  ThinkSplitter::Pieces all;
  auto add = [&all](const ThinkSplitter::Pieces& pieces) {
    all.text += pieces.text, all.reasoning += pieces.reasoning;
  };
  for (std::size_t at = 0; at < answer.size(); at += step) add(splitter.feed(answer.substr(at, step)));
  add(splitter.flush());
  return all;
}

} // namespace

TEST(ThinkSplitter, IsTheSameForEveryCut) {
  struct Row {
    std::string_view answer, text, reasoning;
  };
  for (auto& row : {Row{"plain", "plain", ""}, Row{"<think>a</think>b", "b", "a"},
                    Row{" \n<think>a\n</think>\n\n b ", "b ", "a\n"}, Row{"<thin", "<thin", ""},
                    Row{"<think>open </th", "", "open </th"}, Row{"  <b>x</b>", "  <b>x</b>", ""},
                    Row{"<think></think>", "", ""}, Row{"say <think>x</think>", "say <think>x</think>", ""},
                    Row{"<think>a</thi</think>b</think>", "b</think>", "a</thi"}, Row{"", "", ""}})
    for (std::size_t step = 1; step <= row.answer.size() + 1; ++step) {
      auto pieces = split(row.answer, step);
      EXPECT_EQ(pieces.text, row.text) << row.answer << " by " << step;
      EXPECT_EQ(pieces.reasoning, row.reasoning) << row.answer << " by " << step;
    }
}
