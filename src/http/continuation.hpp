// The texts of a stream that another model goes on with: the request that asks it to, and its chunks dressed
// as the first model's. Pure.
#pragma once

#include "http/stream_progress.hpp"

#include <string>
#include <string_view>

namespace switchyard::http {

/// Longest text that a continuation repeats to the next model, bytes.
inline constexpr std::size_t k_longest_continued_text = 1024 * 1024;

/// `messages` (a JSON array) with a system note and the answer so far behind them.
std::string continuation_messages(std::string_view messages, std::string_view said);

/// Remembers id and created of the stream's first chunk, unless they are of the wrong kind or too long.
void remember_first(StreamProgress& progress, std::string_view chunk);
/// A part ended without being the last: what it said and cost goes into the whole.
void add_part(StreamProgress& progress, const ChunkText& part, const providers::Usage& usage);

/// The usage of the stream so far, `part` being what its last upstream reported. Parts that broke off
/// unreported are estimated from it, at four bytes per token.
providers::Usage total_usage(const StreamProgress& progress, const providers::Usage& part);

/// An event of a later part as the client gets it: the first part's id and created, and the usage of all
/// parts. What is no JSON object passes unchanged.
std::string continued_frame(const StreamProgress& progress, std::string_view frame,
                            const providers::Usage& part);

} // namespace switchyard::http
