// Bedrock's Converse format: requests, whole answers, event streams. The body of the Converse API and of
// Nova's invoke. Pure functions, any thread.
#pragma once

#include "providers/bedrock/route.hpp"
#include "providers/family/chat.hpp"
#include "providers/family/family.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::providers::bedrock {

bool converse_takes(const FamilyTarget& target, const Call& call, std::string_view param);
/// The body. `nova` = Nova's invoke form of it.
Result<std::string> encode_converse(Job& job, const ModelRoute& route, bool nova);
Result<void> decode_converse(const FamilyTarget& target, const Call& call, const UpstreamAnswer& answer,
                             std::string_view client_model, Answer& out);
/// Reads Converse's events by their names, and Nova's invoke chunks by their only member.
std::unique_ptr<StreamDecoder> converse_stream(const FamilyTarget& target, const Call& call,
                                               std::string_view client_model);

// -- its parts

struct Conversation {
  ValueList system, messages;
  bool uses_tools = false; ///< there are tool calls or results in it
};
/// converse_messages.cpp
Result<Conversation> read_conversation(const Job& job, const ModelRoute& route);
const Value* find_setting(const FamilyTarget& target, std::string_view key) noexcept;

/// converse_media.cpp: {"image":..}, {"document":..}, {"video":..} or {"audio":..}. `where` names the part in
/// errors.
struct MediaPart {
  std::string_view url;      ///< data URL, s3:// URL
  std::string_view format;   ///< as the client says it (a MIME type or a bare format), may be empty
  std::string_view filename; ///< may be empty
};
Result<Value> media_block(const FamilyTarget& target, const MediaPart& part, std::size_t number,
                          const std::string& where);
/// The block of a content part of any media type (image_url, file, input_audio, video_url, document); null =
/// none.
Result<Value> part_block(const FamilyTarget& target, const Value& part, std::size_t number,
                         const std::string& where);

/// converse_config.cpp: inferenceConfig, toolConfig, additionalModelRequestFields and what stands beside
/// them.
Result<void> add_config(Job& job, const ModelRoute& route, bool nova, bool uses_tools, ValueMap& body);

/// converse_names.cpp. A tool's name as Converse takes it.
std::string tool_name(std::string_view name);
std::string tool_use_id(std::string_view id);
/// A member of the request as it was sent, in order: fallback override, client, row. Null = absent.
Value sent_member(const FamilyTarget& target, const Call& call, std::string_view key);
/// Undoes tool_name() for an answer, and knows the tool of JSON mode. Reads the request only when it is
/// asked.
class ToolNames {
 public:
  ToolNames(const FamilyTarget& target, const Call& call);
  std::string client_name(std::string_view name);
  bool is_json_tool(std::string_view name) const { return !json_tool_.empty() && name == json_tool_; }

 private:
  const FamilyTarget& target_;
  const Call& call_;
  std::string json_tool_;
  std::vector<std::string> names_; ///< of the client's tools that had to be renamed
  bool read_ = false;
};
/// Name of JSON mode's tool for this response_format, as Converse takes it.
std::string json_tool_name(const OutputFormat& format);

/// Usage of an answer or of a metadata event.
Usage read_usage(const Value& usage);

} // namespace switchyard::providers::bedrock
