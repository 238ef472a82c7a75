// What a realtime session uses, as its events tell. Shard code without sockets; keeps at most one message.
#pragma once

#include "http/body_buffer.hpp"
#include "http/websocket.hpp"

#include <switchyard/provider.hpp>

#include <string>
#include <string_view>

namespace switchyard::http {

/// Collects the messages of the upstream that may tell usage; all others are let go at their first bytes.
class EventReader {
 public:
  enum class Found : std::uint8_t { nothing, event, no_memory };

  explicit EventReader(ProcessLimits& limits) noexcept : charge_(limits) {}
  /// A piece of the upstream's messages, unmasked. After `event`, event() is whole until the next call.
  Found add(const ws::Piece& piece);
  std::string_view event() const noexcept { return text_; }

 private:
  void begin();
  MemoryCharge charge_;
  std::string text_;
  bool wanted_ = false;
};

/// The usage of a `response.done` or a finished transcription, as the target's provider spells it; not
/// `present` when the event tells none.
Usage usage_of_event(const providers::Target& target, std::string_view event);

} // namespace switchyard::http
