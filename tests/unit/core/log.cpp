// Log lines cannot be forged, levels filter, and what is queued reaches the file. No sleeping: stop()
// flushes.
#include "core/log_line.hpp"

#include <switchyard/json_scan.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <sstream>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace switchyard::log {
namespace {

const WallTime k_when{std::chrono::milliseconds(1795237567123)};

std::string text_line(std::string_view event, Fields fields) {
  std::string out;
  append_text_line(out, k_when, LogLevel::info, event, fields);
  return out;
}

// A file of its own per test; removed at the end.
class LogFile {
 public:
  LogFile() {
    char name[] = "/tmp/switchyard-log-XXXXXX";
    ::close(::mkstemp(name));
    path = name;
  }
  ~LogFile() {
    stop();
    ::unlink(path.c_str());
  }
  std::string read() const {
    std::ostringstream out;
    out << std::ifstream(path).rdbuf();
    return out.str();
  }
  std::string path;
};

std::size_t count(const std::string& text, std::string_view part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
  return n;
}

TEST(LogLine, Text) {
  EXPECT_EQ(text_line("started", {}), "2026-11-21T05:06:07.123Z INFO    started\n");
  EXPECT_EQ(
      text_line("took a while",
                {{"n", 3}, {"ms", 1.5}, {"ok", true}, {"to", "gpt-4"}, {"why", "too slow"}, {"none", ""}}),
      "2026-11-21T05:06:07.123Z INFO    took a while n=3 ms=1.5 ok=true to=gpt-4 why=\"too slow\" "
      "none=\"\"\n");
}

TEST(LogLine, ClientBytesCannotForgeALineOrAField) {
  const std::string evil = "x\n2026-11-21T05:06:07.123Z ERROR forged\r\x1B[2J\x85\xFF";
  for (const std::string& line : {text_line("got", {{"model", evil}}), text_line(evil, {})}) {
    EXPECT_EQ(count(line, "\n"), 1u) << line;
    EXPECT_EQ(line.find_first_of("\r\x1B\xFF"), line.npos);
  }
  EXPECT_EQ(text_line("got", {{"model", "a b=c"}}),
            text_line("got", {}).substr(0, 36) + " model=\"a b=c\"\n");
  EXPECT_NE(text_line("got", {{"model", "a=\"b\""}}).find("model=\"a=\\\"b\\\"\""), std::string::npos);
}

TEST(LogLine, JsonIsOneValidObject) {
  std::string line;
  append_json_line(line, k_when, LogLevel::warning, "odd \"thing\"",
                   {{"n", -1}, {"x", 0.5}, {"b", false}, {"s", "a\nb\xFF"}});
  EXPECT_EQ(
      line,
      "{\"timestamp\":\"2026-11-21T05:06:07.123Z\",\"level\":\"WARNING\",\"message\":\"odd \\\"thing\\\"\","
      "\"n\":-1,\"x\":0.5,\"b\":false,\"s\":\"a\\nb\xEF\xBF\xBD\"}\n");
  ObjectScan scan;
  EXPECT_TRUE(scan_object(line, scan));
}

TEST(Log, WritesAllQueuedLinesBeforeStopReturns) {
  LogFile file;
  start(LogLevel::info, false, file.path);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t)
    threads.emplace_back([t] {
      for (int i = 0; i < 500; ++i) info("line", {{"thread", t}, {"i", i}});
    });
  for (auto& thread : threads) thread.join();
  stop();
  EXPECT_EQ(count(file.read(), " line thread="), 2000u);
  EXPECT_EQ(count(file.read(), "\n"), 2000u);
}

TEST(Log, LevelFiltersAndChanges) {
  LogFile file;
  start(LogLevel::warning, true, file.path);
  info("quiet");
  set_level(LogLevel::debug);
  debug("loud");
  stop();
  const std::string text = file.read();
  EXPECT_EQ(text.find("quiet"), text.npos);
  EXPECT_NE(text.find("\"message\":\"loud\""), text.npos);
  EXPECT_TRUE(enabled(LogLevel::debug));
  set_level(LogLevel::info);
  EXPECT_FALSE(enabled(LogLevel::debug));
}

TEST(Log, AppendsAndStartsAgain) {
  LogFile file;
  for (const auto event : {"first", "second"}) {
    start(LogLevel::info, false, file.path);
    info(event);
    stop();
  }
  EXPECT_EQ(count(file.read(), "\n"), 2u);
}

TEST(Log, FallsBackToStderrAndSaysSo) {
  testing::internal::CaptureStderr();
  start(LogLevel::info, false, "/nonexistent/folder/log");
  info("still heard");
  stop();
  info("heard after stop");
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_NE(text.find("cannot open the log file"), text.npos);
  EXPECT_NE(text.find("still heard\n"), text.npos);
  EXPECT_NE(text.find("heard after stop\n"), text.npos);
}

TEST(Log, AFullQueueDropsAndCountsInsteadOfBlocking) {
  LogFile file;
  ASSERT_EQ(::unlink(file.path.c_str()), 0);
  ASSERT_EQ(::mkfifo(file.path.c_str(), 0600), 0);
  const int reader = ::open(file.path.c_str(), O_RDONLY | O_NONBLOCK);
  start(LogLevel::info, false, file.path);
  const std::uint64_t before = dropped();
  // The pipe takes 64 KB and nobody reads yet: the rest piles up behind the writer.
  const std::string big(100'000, 'x');
  for (int i = 0; i < 200; ++i) info("big", {{"x", big}});
  EXPECT_GT(dropped(), before);
  ::fcntl(reader, F_SETFL, 0);
  std::string text;
  std::thread drain([&] {
    char buffer[65536];
    for (ssize_t n; (n = ::read(reader, buffer, sizeof buffer)) > 0;)
      text.append(buffer, static_cast<std::size_t>(n));
  });
  stop();
  drain.join();
  ::close(reader);
  EXPECT_NE(text.find("log lines dropped count="), text.npos);
  EXPECT_EQ(count(text, " big x="), 200 - (dropped() - before));
}

} // namespace
} // namespace switchyard::log
