// Writes OpenAI chat chunks. One per stream, on one shard; each event's frames are in StreamEvent::owned.
#include "providers/family/chunks.hpp"

#include "providers/family/chat.hpp"

#include <switchyard/json_scan.hpp>

namespace switchyard::providers {

using std::string_view;

ChunkStream::ChunkStream(const FamilyTarget& target, const Call& call, string_view client_model)
    : target_(target), id_("chatcmpl-" + std::string(call.call_id)),
      model_(client_model.empty() ? call.model : client_model),
      created_(std::chrono::duration_cast<std::chrono::seconds>(call.now.time_since_epoch()).count()),
      usage_wanted_(call.stream_usage_wanted), counts_(call.stream_usage_wanted || call.count_usage),
      call_(call) {}

void ChunkStream::make_head() {
  head_ = "data: {\"id\":" + json_string(id_) +
          ",\"object\":\"chat.completion.chunk\",\"created\":" + std::to_string(created_) +
          ",\"model\":" + json_string(model_) + ",\"choices\":";
}

void ChunkStream::id(string_view upstream_id) {
  if (head_.empty() && !upstream_id.empty()) id_ = upstream_id;
}

void ChunkStream::on_event(string_view, string_view event, string_view data, StreamEvent& out) {
  out.clear();
  if (ended_) return;
  out_ = &out, choices_size_ = 0;
  if (!data.empty() || !event.empty()) on_data(event, data);
  close();
}

void ChunkStream::finish(StreamEvent& out) {
  out.clear();
  out_ = &out, choices_size_ = 0;
  if (!ended_) on_last();
  if (!ended_) end();
  close();
}

/// The event is over: what was written goes to the client.
void ChunkStream::close() {
  auto& out = *out_;
  if (!out.owned.empty()) out.data.push_back(out.owned);
  if (choices_size_) out.choices = string_view(out.owned).substr(choices_at_, choices_size_);
  out.content = content_;
  out.done = ended_;
  out_ = nullptr;
}

/// Begins a chunk's delta, up to the value of its member `key`.
void ChunkStream::open(string_view key) {
  if (head_.empty()) make_head();
  auto& out = out_->owned;
  out += head_;
  choices_at_ = out.size();
  out += "[{\"index\":0,\"delta\":{";
  if (!std::exchange(role_sent_, true)) out += "\"role\":\"assistant\",";
  out.append("\"").append(key).append("\":");
  content_ = true;
}

void ChunkStream::close_with(string_view tail) {
  auto& out = out_->owned;
  out += tail;
  choices_size_ = out.size() - choices_at_;
  out += "}\n\n";
}

namespace {
constexpr string_view k_unfinished = "},\"finish_reason\":null}]";
}

void ChunkStream::text(string_view piece) {
  if (piece.empty()) return;
  say(StreamCount::content, piece);
  open("content");
  append_json_string(out_->owned, piece);
  close_with(k_unfinished);
}

void ChunkStream::reasoning(string_view piece) {
  if (piece.empty()) return;
  say(StreamCount::reasoning, piece);
  open("reasoning_content");
  append_json_string(out_->owned, piece);
  close_with(k_unfinished);
}

void ChunkStream::tool(int index, string_view id, string_view name, string_view arguments) {
  saw_tool_ = true;
  say(StreamCount::k_tools + 2 * index, name);
  say(StreamCount::k_tools + 2 * index + 1, arguments);
  open("tool_calls");
  auto& out = out_->owned;
  out.append("[{\"index\":").append(std::to_string(index)).append(",\"id\":");
  append_json_string(out, id);
  out += ",\"type\":\"function\",\"function\":{\"name\":";
  append_json_string(out, name);
  out += ",\"arguments\":";
  append_json_string(out, arguments);
  out += "}}]";
  close_with(k_unfinished);
}

void ChunkStream::tool_arguments(int index, string_view fragment) {
  if (fragment.empty()) return;
  say(StreamCount::k_tools + 2 * index + 1, fragment);
  open("tool_calls");
  auto& out = out_->owned;
  out.append("[{\"index\":").append(std::to_string(index)).append(",\"function\":{\"arguments\":");
  append_json_string(out, fragment);
  out += "}}]";
  close_with(k_unfinished);
}

void ChunkStream::member(string_view key, string_view json) {
  open(key);
  out_->owned += json;
  close_with(k_unfinished);
}

void ChunkStream::finish_with(string_view reason) { finish_ = reason; }

void ChunkStream::end() {
  if (std::exchange(ended_, true)) return;
  if (head_.empty()) make_head();
  if (finish_.empty()) finish_ = "stop";
  if (finish_ == "stop" && saw_tool_) finish_ = "tool_calls";
  auto& out = out_->owned;
  out += head_;
  choices_at_ = out.size();
  out += "[{\"index\":0,\"delta\":{";
  if (!std::exchange(role_sent_, true)) out += "\"role\":\"assistant\",\"content\":\"\"";
  out += "},\"finish_reason\":";
  append_json_string(out, finish_);
  close_with("}]");
  content_ = true;
  if (counts_ && !usage_.present) usage_ = said_.usage(call_);
  if (usage_wanted_ && usage_.present)
    out.append(head_).append("[],\"usage\":").append(write_usage(usage_)).append("}\n\n");
  out += "data: [DONE]\n\n";
}

void ChunkStream::fail(Error error) { out_->error = std::move(error); }

} // namespace switchyard::providers
