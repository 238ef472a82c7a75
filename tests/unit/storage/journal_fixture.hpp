// Journals in a temporary directory, and events that are told apart by their number.
#pragma once

#include "storage/journal_read.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

namespace switchyard::storage::test {

inline SpendEvent numbered(int number) {
  SpendEvent event;
  event.call_id = "call-" + std::to_string(number);
  event.request_id = "chatcmpl-" + std::to_string(number);
  event.call_type = "acompletion";
  event.route = "/chat/completions";
  event.api_key = std::string(64, 'a');
  event.model = event.model_group = "gpt-4o";
  event.provider = "openai";
  event.metadata = R"({"spend_logs_metadata":{"job":"x"}})";
  event.start_ms = 1'700'000'000'000 + number;
  event.end_ms = event.start_ms + 250;
  event.usage.prompt_tokens = 10, event.usage.completion_tokens = 5, event.usage.total_tokens = 15;
  event.usage.present = true;
  event.spend = Money::nanos(1'000 + number);
  return event;
}

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    // In memory where there is such a place: these tests are not about the disk.
    const bool memory = std::filesystem::is_directory("/dev/shm");
    path_ = memory ? "/dev/shm/switchyard-test-XXXXXX" : "/tmp/switchyard-test-XXXXXX";
    if (!::mkdtemp(path_.data())) throw std::runtime_error("no temporary directory");
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

inline std::shared_ptr<LiveJournal> small_journal(const std::string& directory, std::uint64_t segment = 4096,
                                                  const JournalDisk* disk = &k_system_disk) {
  auto made = LiveJournal::create({directory, random_journal_name(), segment, disk});
  EXPECT_TRUE(made) << made.error().message;
  return *made;
}

inline std::vector<JournalEvent> read_all(JournalReader& reader) {
  std::vector<JournalEvent> out;
  while (reader.read(7, 1u << 20, out)) {
  }
  return out;
}

} // namespace switchyard::storage::test
