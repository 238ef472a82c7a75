// Batches of the spend writer: from live journals in turn, from the journals of processes that are gone one
// after the other, and the end of a journal.
#include "storage/spend_pump.hpp"

#include <switchyard/log.hpp>

namespace switchyard::storage {
namespace {

void move_items(std::vector<JournalEvent>& events, const std::string& journal, SpendBatch& batch) {
  for (JournalEvent& event : events) batch.items.push_back({journal, std::move(event)});
  events.clear();
}

} // namespace

/// False = no event could be read.
bool SpendPump::fill_live() {
  std::vector<JournalEvent> events;
  for (const Live& live : live_) {
    if (batch_.items.size() >= options_.batch_events) break;
    live.reader->read(options_.batch_events - batch_.items.size(), options_.batch_bytes, events);
    if (events.empty()) continue;
    move_items(events, live.reader->name(), batch_);
    batch_.watermarks[live.reader->name()] = live.reader->sequence();
  }
  return !batch_.items.empty();
}

/// One step of the journal in work; batch_ is empty. False = the database failed.
bool SpendPump::recover() {
  JournalReader& reader = *dead_.front();
  Session* with = session();
  if (!with) return false;
  if (!dead_known_) {
    auto watermark = read_watermark(*with, reader.name());
    if (!watermark) return failed(watermark.error()), false;
    reader.set_watermark(*watermark);
    dead_known_ = true;
    dead_closed_ = *watermark >= k_all_written;
  }
  if (!dead_closed_) return recover_batch(reader);
  // Its last batch is there. Whether or not the files can go, the watermark makes a second reading empty.
  retire(reader);
  next_dead();
  return true;
}

/// The last batch of a journal says that all of it is written.
bool SpendPump::recover_batch(JournalReader& reader) {
  std::vector<JournalEvent> events;
  const bool more = reader.read(options_.batch_events, options_.batch_bytes, events);
  if (reader.newer()) {
    log::error("journal_is_newer",
               {{"journal", reader.name()},
                {"directory", options_.directory},
                {"reason", "written by a later version of Switchyard, which can read it"}});
    return next_dead(), true;
  }
  move_items(events, reader.name(), batch_);
  batch_.recovered = true;
  batch_.watermarks[reader.name()] = reader.sequence();
  if (!more) close_batch(reader);
  return commit();
}

void SpendPump::next_dead() {
  dead_.pop_front();
  dead_known_ = dead_closed_ = false;
}

void SpendPump::close_batch(JournalReader& reader) {
  std::vector<JournalEvent> cut_off = reader.interrupted();
  log::info("journal_recovered", {{"journal", reader.name()},
                                  {"events", reader.given_out()},
                                  {"interrupted", cut_off.size()},
                                  {"damaged_places", reader.damaged()}});
  if (reader.damaged() > 0)
    log::warning("journal_damaged", {{"journal", reader.name()}, {"places", reader.damaged()}});
  move_items(cut_off, reader.name(), batch_);
  batch_.watermarks[reader.name()] = k_all_written;
  dead_closed_ = true;
}

void SpendPump::retire(JournalReader& reader) {
  Session* with = session();
  if (!with) return;
  // First the files: a watermark without files harms nobody, files without one would count again.
  if (!reader.remove())
    return log::error("journal_not_removed",
                      {{"journal", reader.name()}, {"fix", "make the data directory writable"}});
  if (auto done = forget_journal(*with, reader.name()); !done) failed(done.error());
}

void SpendPump::finish() {
  for (const Live& live : live_) {
    if (!live.journal->healthy()) live.journal->revive();
    if (!live.journal->healthy()) log::error("journal_unwritten", {{"journal", live.journal->name()}});
  }
  // A database that was not there is not waited for now: the next start brings what is in the files.
  const bool written = (session_ || backoff_ == Millis(0)) && write_all();
  for (const Live& live : live_) live.journal->sync();
  for (Live& live : live_) {
    if (!written || !live.journal->closed() || !live.journal->healthy()) continue; // the next start does it
    std::vector<JournalEvent> rest;
    while (live.reader->read(options_.batch_events, options_.batch_bytes, rest)) {
    }
    move_items(rest, live.reader->name(), batch_);
    std::vector<JournalEvent> cut_off = live.reader->interrupted();
    move_items(cut_off, live.reader->name(), batch_);
    batch_.watermarks[live.reader->name()] = k_all_written;
    if (!commit()) return;
    retire(*live.reader);
  }
  live_.clear();
  session_.reset();
}

} // namespace switchyard::storage
