// One content coding as a step function over buffers. One per request; bounded memory.
#pragma once

#include <memory>
#include <span>
#include <string_view>

namespace switchyard::core {

class DecodeStage {
 public:
  virtual ~DecodeStage() = default;
  /// Takes from the front of `in`, writes to `out`, sets `produced`. No progress: it waits for more input.
  /// False: corrupt, or data behind the end.
  virtual bool step(std::string_view& in, std::span<char> out, std::size_t& produced) = 0;
  /// The coded data has come to its end.
  virtual bool complete() const noexcept = 0;
};

using MakeStage = std::unique_ptr<DecodeStage> (*)();

/// The maker for a coding's lower-case name; nullptr when unknown.
MakeStage find_coding(std::string_view name) noexcept;

} // namespace switchyard::core
