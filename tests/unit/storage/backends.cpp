// The databases that the storage tests run against.
#include "unit/storage/store_fixture.hpp"

namespace switchyard::storage {

std::vector<std::string> backend_names() { return {"sqlite"}; }

std::string new_database(const std::string&) { return "sqlite://:memory:"; }

} // namespace switchyard::storage
