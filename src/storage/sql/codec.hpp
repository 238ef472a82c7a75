// Values to what a statement binds and back, by column type. Pure, any thread.
#pragma once

#include "storage/schema/schema.hpp"

#include <switchyard/store.hpp>

#include <string>
#include <string_view>

namespace switchyard::storage {

/// A scalar as the backend binds it: null, bool, integer, double or text. Fails with bad_request naming the
/// column when the value does not fit its type. NUL characters and bytes that are no UTF-8 are dropped or
/// replaced: Postgres cannot store them, and both backends shall hold the same.
Result<Value> encode(const Value& value, Type type, Dialect dialect, std::string_view column);
/// For raw SQL, where no column is known: lists and maps as JSON text; on SQLite a text in exactly the wire
/// form of a time becomes the stored form, so that comparing with timestamp columns works in both dialects.
Result<Value> encode_raw(const Value& value, Dialect dialect);
/// What the database sent, as text.
Value decode(std::string_view text, Type type, Dialect dialect);

/// "2024-06-06 00:02:16.454": how times are stored in SQLite and sent to Postgres; sorts as text.
std::string stored_time(WallTime when);

/// {"a","b"} and back; base64 <-> \x...: Postgres's text forms.
std::string array_literal(const ValueList& list);
Value read_array(std::string_view text);
std::string hex_of_base64(std::string_view text);
std::string base64_of_hex(std::string_view text);

} // namespace switchyard::storage
