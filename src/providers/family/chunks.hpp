// Writes OpenAI chat chunks: the base of the families' stream decoders. First delta with the role, empty
// deltas left out, the finish held to the end, usage when it is wanted, [DONE] (spec providers.md 3.1). One
// per stream, one shard.
#pragma once

#include "providers/family/counted.hpp"
#include "providers/family/family.hpp"

#include <switchyard/provider.hpp>

#include <string>
#include <string_view>

namespace switchyard::providers {

class ChunkStream : public StreamDecoder {
 public:
  ChunkStream(const FamilyTarget& target, const Call& call, std::string_view client_model);
  void on_event(std::string_view frame, std::string_view event, std::string_view data,
                StreamEvent& out) final;
  void finish(StreamEvent& out) final;
  bool complete() const final { return ended_ || !finish_.empty(); }
  const Usage& usage() const final { return usage_; }

 protected:
  /// One event of the upstream; calls what is below, any number of times.
  virtual void on_data(std::string_view event, std::string_view data) = 0;
  /// The bytes are over without the upstream's own end: release what was held back. end() follows.
  virtual void on_last() {}

  void id(std::string_view upstream_id); ///< before the first chunk; else chatcmpl-<call id>
  void text(std::string_view piece);
  void reasoning(std::string_view piece);
  /// A tool call begins; `index` counts from 0 over the answer.
  void tool(int index, std::string_view id, std::string_view name, std::string_view arguments = "");
  void tool_arguments(int index, std::string_view fragment);
  /// Another delta member, JSON as is: thinking_blocks, annotations, provider_specific_fields, images, audio.
  void member(std::string_view key, std::string_view json);
  void finish_with(std::string_view reason); ///< OpenAI's word; the last one counts
  void end();                                ///< finish chunk, usage, [DONE]
  void fail(Error error);
  Usage usage_; ///< as far as it is known; `present` once the upstream reported it

  const FamilyTarget& target_;
  bool saw_tool_ = false;
  bool ended_ = false;

 private:
  /// For the count of a stream that tells no usage.
  void say(int place, std::string_view piece) {
    if (counts_ && !usage_.present) said_.add(place, piece);
  }
  void open(std::string_view key);
  void close();
  void close_with(std::string_view tail); ///< of the chunk
  std::string head_;                      ///< data: {"id":..,"object":..,"created":..,"model":..,"choices":
  std::string id_, model_, finish_;
  std::int64_t created_;
  bool usage_wanted_, role_sent_ = false, content_ = false;
  const bool counts_; ///< somebody reads the usage
  const Call& call_;  ///< as long as the stream
  StreamCount said_;
  StreamEvent* out_ = nullptr;
  std::size_t choices_at_ = 0, choices_size_ = 0; ///< of the event's last chunk, in out_->owned
  void make_head();
};

} // namespace switchyard::providers
