// Spend events, the journal that keeps them, and the writer that brings them to the database. A shard appends
// to its own journal; the writer thread reads journals from their watermark, so that a database outage and a
// kill -9 are the same case (docs/adr/). Contracts only.
#pragma once

#include <switchyard/clock.hpp>
#include <switchyard/error.hpp>
#include <switchyard/identity.hpp>
#include <switchyard/money.hpp>
#include <switchyard/usage.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace switchyard {

/// One row of LiteLLM_SpendLogs in the making (spec management.md 5.3, 7.3). Empty text = NULL or ''.
struct SpendEvent {
  std::string call_id;    ///< x-litellm-call-id
  std::string request_id; ///< the response's id, else the call id
  std::string call_type;  ///< "acompletion", "aembedding", ...
  std::string route;      ///< "/chat/completions": daily rows' endpoint
  std::string api_key;    ///< the key's hash
  std::string key_alias, user, team_id, team_alias, organization_id, project_id, end_user, agent_id;
  std::string model, model_group, model_id, provider, api_base;
  std::string requester_ip, session_id;
  std::string status = "success"; ///< success | failure | interrupted
  std::string cache_hit;          ///< "True" | "False" | ""
  std::string cache_key;
  std::string metadata; ///< JSON object text: what §5.3 lists beyond the columns
  std::string messages, response, proxy_server_request; ///< JSON text, only with store_prompts_in_spend_logs
  std::vector<std::string> tags;
  std::int64_t start_ms = 0, end_ms = 0, first_token_ms = 0; ///< unix time; 0 = not known
  Usage usage;
  Money spend;
  bool member = false; ///< counts against the user's membership of team_id
};

/// Who is waiting for what: enough for a row with status `interrupted`. Same fields, those known at the
/// start.
using SpendBegin = SpendEvent;

/// Place of an event: unique for ever, since journals have random names.
struct JournalTicket {
  std::uint64_t sequence = 0; ///< 0 = none
};

/// One shard's journal. Shard thread only; each call is one append to the page cache (a few microseconds).
class Journal {
 public:
  virtual ~Journal() = default;
  /// Before the upstream is called. Fails with `unavailable` when the disk does not take it.
  virtual Result<JournalTicket> begin(const SpendBegin& event) = 0;
  /// Before the final bytes of the answer. A failure keeps the event in memory and retries later.
  virtual Result<void> end(JournalTicket ticket, const SpendEvent& event) = 0;
  virtual bool healthy() const noexcept = 0; ///< false: new billable requests get 503
};

/// What one committed batch added, per entity.
struct FlushedSpend {
  struct Part {
    EntityKind kind;
    std::string id; ///< as Entity::id
    Money amount;
  };
  std::vector<Part> parts;
  bool recovered = false; ///< of a process that is gone: no ledger of this one has counted it
};

struct SpendStats { ///< for /metrics
  std::uint64_t written = 0, batches = 0, failures = 0;
  std::uint64_t waiting = 0; ///< events in journals that the database does not have
  std::uint64_t journal_bytes = 0;
  std::uint64_t journal_most = 0; ///< cap on what the database lacks; 0 = none
  bool journal_full = false;      ///< at the cap: new billable requests get 503
  Millis oldest{0};               ///< age of the oldest of them
};

} // namespace switchyard
