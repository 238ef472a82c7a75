// Rows of LiteLLM_Config: sections of the configuration that the database lays over the file's. Store
// threads.
#pragma once

#include "management/models.hpp"

namespace switchyard::management {

/// The database's part of a section; empty when there is none.
Out<ValueMap> stored_section(Session& session, std::string_view name);
/// Writes it; the row as LiteLLM answers it: {param_name, param_value}.
Out<Row> store_section(Session& session, std::string_view name, ValueMap section);
/// File and database together, as they are in force after the next load.
Out<ValueMap> whole_section(Session& session, const Call& call, std::string_view name);

/// What the loader says against a section in which these members were written; nothing = fine.
Out<void> check_section(const Call& call, std::string_view name, const ValueMap& written);

/// Read before there is a database, or its key: refused here. True for general_settings' few.
bool only_in_file(std::string_view field);

Reply touching_config(Reply reply, std::string_view section);

/// The parts of config_routes(): /config/field/*, callbacks, settings, discounts and margins.
std::span<const Route> config_field_routes();
std::span<const Route> callback_routes();
std::span<const Route> settings_routes();
std::span<const Route> cost_setting_routes();
std::span<const Route> pass_through_routes();

} // namespace switchyard::management
