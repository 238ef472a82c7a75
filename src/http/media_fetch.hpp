// Fetches the pictures and files that a client named by URL for providers that take bytes only. Shard code;
// where a URL may lead is url_guard.hpp's to say.
#pragma once

#include "http/cancel.hpp"
#include "http/upstream/client.hpp"

#include <switchyard/aio.hpp>
#include <switchyard/config.hpp>
#include <switchyard/provider.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace switchyard::http {

/// Makes shard.guarded: it connects to public addresses only, and through no proxy, which would look names up
/// by itself.
void make_guarded_client(Shard& shard, upstream::ClientOptions options);

/// What the bytes are by the server's word, else by themselves; "application/octet-stream" = the URL's name
/// has to tell, "" = nothing that models read.
std::string media_type(std::string_view content_type, std::string_view bytes);

/// All of `urls`, one after the other. Errors are the client's to read (400) and say which URL it was.
aw<Result<std::vector<providers::FetchedMedia>>> fetch_media(Shard& shard, const LitellmSettings& settings,
                                                             std::vector<std::string> urls, Instant deadline,
                                                             CancelScope& cancel);

} // namespace switchyard::http
