// What LiteLLM's exception views count. Part of a batch's transaction.
#include "storage/error_rows.hpp"

#include "storage/spend_rows.hpp"

#include <switchyard/json.hpp>

namespace switchyard::storage {
namespace {

Row error_row(const SpendEvent& event) {
  const auto metadata = parse_json(event.metadata);
  const Value* error = metadata ? metadata->find("error_information") : nullptr;
  const Value none{ValueMap{}};
  if (!error) error = &none;
  const auto text = [](std::string_view value) { return Value(std::string(value)); };
  ValueMap asked{
      {"model", text(event.model_group)}, {"user", text(event.user)}, {"team_id", text(event.team_id)}};
  return {{"request_id", text(event.call_id)},
          {"startTime", text(wire_time_of(event.start_ms))},
          {"endTime", text(wire_time_of(event.end_ms))},
          {"api_base", text(event.api_base)},
          {"model_group", text(event.model_group)},
          {"litellm_model_name", text(event.model)},
          {"model_id", text(event.model_id)},
          {"request_kwargs", Value(std::move(asked))},
          {"exception_type", text(text_at(*error, "error_class"))},
          {"exception_string", text(text_at(*error, "error_message"))},
          {"status_code", text(text_at(*error, "error_code"))}};
}

} // namespace

Result<void> write_errors(Session& session, const SpendBatch& batch, const PlaneSettings& settings) {
  if (settings.disable_error_logs) return {};
  Rows rows;
  for (const auto& item : batch.items)
    if (item.event.event.status == "failure" && !item.event.event.call_id.empty())
      rows.push_back(error_row(item.event.event));
  if (rows.empty()) return {};
  auto inserted = session.insert_all_new("ErrorLogs", rows);
  if (!inserted) return inserted.error();
  return {};
}

} // namespace switchyard::storage
