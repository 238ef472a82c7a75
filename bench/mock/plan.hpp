// A reply as a schedule of writes: what the connection plays. Pure; made by plan.cpp (good HTTP) and
// faults.cpp (bad).
#pragma once

#include "call.hpp"

#include <string>
#include <vector>

namespace switchyard::mock {

/// What follows the last byte.
enum class End : std::uint8_t { keep, close, reset, stall };

struct Step {
  std::uint32_t wait_us = 0; ///< before every `burst` copies
  std::string bytes;
  std::uint32_t repeat = 1, burst = 1, first = 0;
  std::size_t patch_at = std::string::npos; ///< four digits counted up per copy

  void append_copy(std::string& out, std::uint32_t k) const;
};

struct Plan {
  std::string first; ///< written at once; the common reply has nothing else
  std::vector<Step> steps;
  End end = End::keep;
};

Plan make_plan(const Reply& reply, const Call& call);
/// Only for behaviour.fault != none.
Plan make_fault(const Reply& reply, const Behaviour& behaviour);

// Shared pieces.
std::string status_line(std::uint16_t status, std::string_view version = "HTTP/1.1");
/// content-type, x-request-id and the reply's own headers; no framing header and no empty line.
std::string header_lines(const Reply& reply, const Behaviour& behaviour);
std::string chunked(std::string_view text);

} // namespace switchyard::mock
