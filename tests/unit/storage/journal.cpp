// Journals: what goes in comes out, once, over segments, restarts, full disks and torn files.
#include "storage/crc32c.hpp"
#include "storage/spend_codec.hpp"
#include "unit/storage/journal_fixture.hpp"

#include <cerrno>
#include <fstream>
#include <set>
#include <thread>
#include <unistd.h>

namespace switchyard::storage {
namespace {

using test::numbered;
using test::read_all;
using test::small_journal;

struct JournalTest : testing::Test {
  test::TemporaryDirectory directory;
};

TEST(Crc32c, KnownValuesAndBothWays) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283u);
  EXPECT_EQ(crc32c_by_table("123456789"), 0xE3069283u);
  std::string text;
  for (int i = 0; i < 100; ++i, text += static_cast<char>(i * 37))
    EXPECT_EQ(crc32c(text), crc32c_by_table(text));
}

TEST(SpendCodec, KeepsEveryField) {
  SpendEvent event = numbered(7);
  event.tags = {"a", "", std::string("b\0c", 3)};
  event.usage.tier = ServiceTier::batch;
  event.usage.characters = UINT32_MAX;
  event.spend = Money::nanos(INT64_MIN);
  event.member = true;
  event.first_token_ms = -1;
  std::string bytes, again;
  encode_event(event, bytes);
  SpendEvent back;
  ASSERT_TRUE(decode_event(bytes, back));
  encode_event(back, again);
  EXPECT_EQ(bytes, again);
  EXPECT_EQ(back.tags, event.tags);
  EXPECT_EQ(back.spend, event.spend);
  EXPECT_EQ(back.usage.characters, UINT32_MAX);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    EXPECT_FALSE(decode_event(std::string_view(bytes).substr(0, size), back));
  EXPECT_FALSE(decode_event(bytes + '\0', back));
}

TEST_F(JournalTest, EventsComeOutInOrderOverSegments) {
  const auto journal = small_journal(directory.path());
  JournalReader reader(directory.path(), journal);
  std::vector<JournalTicket> tickets;
  for (int i = 0; i < 50; ++i) tickets.push_back(*journal->begin(numbered(i)));
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(journal->end(tickets[static_cast<std::size_t>(i)], numbered(i)));
  EXPECT_GT(journal->committed().segment, 3u);
  const auto events = read_all(reader);
  ASSERT_EQ(events.size(), 50u);
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(events[static_cast<std::size_t>(i)].event.call_id, numbered(i).call_id);
  EXPECT_TRUE(read_all(reader).empty());
  ASSERT_TRUE(journal->end(tickets[0], numbered(50)));
  EXPECT_EQ(read_all(reader).size(), 1u);
  EXPECT_EQ(reader.damaged(), 0u);
}

TEST_F(JournalTest, ReadSegmentsGoAndOpenBeginsStay) {
  auto journal = small_journal(directory.path());
  const std::string name = journal->name();
  std::vector<JournalTicket> open;
  for (int i = 0; i < 3; ++i) open.push_back(*journal->begin(numbered(1000 + i)));
  JournalReader reader(directory.path(), journal);
  for (int i = 0; i < 100; ++i) {
    ASSERT_TRUE(journal->end(*journal->begin(numbered(i)), numbered(i)));
    if (i == 60) {
      ASSERT_TRUE(journal->end(open[1], numbered(1001)));
    }
    journal->prepare();
    read_all(reader);
    reader.drop_read_segments();
    EXPECT_LE(reader.bytes_on_disk(), 4u * 4096);
  }
  const std::uint64_t watermark = reader.sequence();
  journal->close();
  journal.reset();
  JournalReader later(directory.path(), name);
  later.set_watermark(watermark);
  EXPECT_TRUE(read_all(later).empty());
  const auto cut_off = later.interrupted();
  ASSERT_EQ(cut_off.size(), 2u);
  EXPECT_EQ(cut_off[0].event.call_id, "call-1000");
  EXPECT_EQ(cut_off[1].event.call_id, "call-1002");
  EXPECT_EQ(cut_off[0].event.status, "interrupted");
  EXPECT_EQ(cut_off[0].event.spend, Money());
  later.remove();
  EXPECT_TRUE(journals_in(directory.path()).empty());
  EXPECT_TRUE(std::filesystem::is_empty(directory.path()));
}

TEST_F(JournalTest, LargeRecordsGetASegmentOfTheirOwnAndBeginsHoldNoPrompts) {
  const auto journal = small_journal(directory.path());
  SpendEvent event = numbered(1);
  event.messages.assign(3u << 20, 'x');
  const JournalTicket ticket = *journal->begin(event);
  EXPECT_LT(journal->committed().offset, 1000u);
  ASSERT_TRUE(journal->end(ticket, event));
  ASSERT_TRUE(journal->end(*journal->begin(numbered(2)), numbered(2)));
  JournalReader reader(directory.path(), journal);
  const auto events = read_all(reader);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].event.messages.size(), 3u << 20);
}

/// A disk that takes what the test allows.
struct Failing {
  static inline int allocate_problem = 0, write_problem = 0;
  static inline bool half = false;
  static int allocate(int fd, off_t size) {
    return allocate_problem ? allocate_problem : k_system_disk.allocate(fd, size);
  }
  static ssize_t write(int fd, const void* bytes, size_t size, off_t at) {
    if (std::exchange(half, false)) return ::pwrite(fd, bytes, size / 2, at);
    if (write_problem) return errno = write_problem, -1;
    return ::pwrite(fd, bytes, size, at);
  }
  static int sync(int) { return write_problem; }
  static constexpr JournalDisk disk{allocate, write, sync};
};

TEST_F(JournalTest, AFullDiskRefusesBeginsAndKeepsEnds) {
  const auto journal = small_journal(directory.path(), 4096, &Failing::disk);
  const JournalTicket first = *journal->begin(numbered(1)), second = *journal->begin(numbered(2));
  Failing::write_problem = ENOSPC;
  Failing::half = true;
  EXPECT_FALSE(journal->end(first, numbered(1)));
  EXPECT_FALSE(journal->healthy());
  EXPECT_FALSE(journal->end(second, numbered(2)));
  const auto refused = journal->begin(numbered(3));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::unavailable);
  EXPECT_NE(refused.error().message.find("No space left on device"), std::string::npos);
  journal->revive();
  EXPECT_FALSE(journal->healthy());
  JournalReader reader(directory.path(), journal);
  EXPECT_TRUE(read_all(reader).empty());
  Failing::write_problem = 0;
  journal->revive();
  EXPECT_TRUE(journal->healthy());
  ASSERT_TRUE(journal->begin(numbered(4)));
  const auto events = read_all(reader);
  ASSERT_EQ(events.size(), 2u);
  EXPECT_EQ(events[0].event.call_id, "call-1");
  EXPECT_EQ(events[1].event.call_id, "call-2");
}

TEST_F(JournalTest, NoRoomForASegmentIsFoundOutWithoutTraffic) {
  const auto journal = small_journal(directory.path(), 2048, &Failing::disk);
  Failing::allocate_problem = EIO;
  while (journal->begin(numbered(1))) {
  }
  EXPECT_FALSE(journal->healthy());
  Failing::allocate_problem = 0, Failing::write_problem = EIO;
  journal->revive();
  EXPECT_FALSE(journal->healthy());
  Failing::write_problem = 0;
  journal->revive();
  EXPECT_TRUE(journal->healthy());
}

TEST_F(JournalTest, AFailedSyncIsUnhealthyUntilOneSucceeds) {
  const auto journal = small_journal(directory.path(), 4096, &Failing::disk);
  ASSERT_TRUE(journal->begin(numbered(1)));
  Failing::write_problem = EIO;
  EXPECT_FALSE(journal->sync());
  EXPECT_FALSE(journal->healthy());
  EXPECT_FALSE(journal->begin(numbered(2)));
  Failing::write_problem = 0;
  EXPECT_TRUE(journal->sync());
  EXPECT_TRUE(journal->begin(numbered(2)));
}

TEST_F(JournalTest, TornAndForeignFilesAreSurvived) {
  auto journal = small_journal(directory.path(), 1u << 20);
  const std::string name = journal->name();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(journal->end(*journal->begin(numbered(i)), numbered(i)));
  const std::uint64_t end = journal->committed().offset;
  journal.reset();
  std::ofstream(directory.path() + "/notes.txt") << "not a journal";
  std::ofstream(directory.path() + "/" + name + "-xyz.journal") << "neither";
  const std::string path = segment_path(directory.path(), name, 1);
  ASSERT_EQ(journals_in(directory.path()), std::vector<std::string>{name});
  Random random(4);
  for (int round = 0; round < 200; ++round) {
    std::filesystem::resize_file(path, random.next() % 2 ? end - random.next() % 200 : random.next() % end);
    JournalReader reader(directory.path(), name);
    const auto events = read_all(reader);
    EXPECT_LE(events.size(), 20u);
    for (std::size_t i = 0; i < events.size(); ++i)
      EXPECT_EQ(events[i].event.call_id, numbered(static_cast<int>(i)).call_id);
    EXPECT_LE(events.size() + reader.interrupted().size(), 20u);
  }
}

TEST_F(JournalTest, ANewerVersionIsLeftAlone) {
  auto journal = small_journal(directory.path());
  ASSERT_TRUE(journal->end(*journal->begin(numbered(1)), numbered(1)));
  const std::string name = journal->name();
  journal.reset();
  std::fstream file(segment_path(directory.path(), name, 1), std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(8);
  file.put(2);
  file.close();
  JournalReader reader(directory.path(), name);
  EXPECT_TRUE(read_all(reader).empty());
  EXPECT_TRUE(reader.newer());
}

TEST_F(JournalTest, AReaderOnAnotherThreadSeesEverythingOnce) {
  const auto journal = small_journal(directory.path(), 8192);
  constexpr int count = 5000;
  std::thread shard([&] {
    for (int i = 0; i < count; ++i) {
      const auto ticket = journal->begin(numbered(i));
      ASSERT_TRUE(journal->end(*ticket, numbered(i)));
    }
  });
  JournalReader reader(directory.path(), journal);
  std::vector<JournalEvent> events;
  while (events.size() < count) {
    reader.read(100, 1u << 20, events);
    journal->prepare();
    journal->sync();
    reader.drop_read_segments();
  }
  shard.join();
  for (int i = 0; i < count; ++i)
    ASSERT_EQ(events[static_cast<std::size_t>(i)].event.call_id, numbered(i).call_id);
  EXPECT_EQ(reader.damaged(), 0u);
  EXPECT_TRUE(read_all(reader).empty());
}

} // namespace
} // namespace switchyard::storage
