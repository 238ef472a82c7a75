// Small writes of one turn of the shard's loop leave together at its end: a peer that sleeps is woken once,
// not once per write, and the kernel's send path stays warm. A lone write is not held back. Lives on one
// shard.
#pragma once

#include <switchyard/aio.hpp>

#include <string>
#include <vector>

namespace switchyard::http {

class WriteBatch;

/// Something with bytes to send. It leaves the batch when it dies.
class DelayedWrite {
 public:
  DelayedWrite() = default;
  DelayedWrite(const DelayedWrite&) = delete;
  DelayedWrite& operator=(const DelayedWrite&) = delete;
  /// Sends what was held back. Called from the event loop; must not end the object.
  virtual void write_now() = 0;

 protected:
  ~DelayedWrite();

 private:
  friend WriteBatch;
  WriteBatch* batch_ = nullptr;
};

class WriteBatch {
 public:
  explicit WriteBatch(exec_t home) noexcept : home_(home) {}
  WriteBatch(const WriteBatch&) = delete;
  WriteBatch& operator=(const WriteBatch&) = delete;
  ~WriteBatch();

  /// True when a write may be held back: then prepare it and add() its owner. Once per write.
  bool collecting() noexcept { return alone_ == 0 || (--alone_, false); }
  void add(DelayedWrite& write);
  /// Empty strings with capacity, so that idle writers need no memory.
  std::string take_buffer();
  void give_back(std::string buffer);

 private:
  friend DelayedWrite;
  void flush();
  void forget(DelayedWrite& write) noexcept;

  exec_t home_;
  std::vector<DelayedWrite*> waiting_, sending_;
  std::vector<std::string> buffers_;
  int alone_ = 0; ///< writes that go at once, since a batch turned out to hold one only
};

} // namespace switchyard::http
