// JSON Schema to the part of OpenAPI's schema that Gemini takes. Pure, any thread.
#pragma once

#include <switchyard/error.hpp>
#include <switchyard/value.hpp>

namespace switchyard::providers::google {

/// `ordered` = with propertyOrdering, for answers; a schema whose references unfold without end is cut to
/// open objects. Fails when it is too large or too deep.
Result<Value> clean_schema(const Value& schema, bool ordered);
/// An object without properties: such parameters must be left out.
bool is_empty_object(const Value& schema) noexcept;

} // namespace switchyard::providers::google
