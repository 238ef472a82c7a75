// Raw SQL for list pages: conditions with numbered parameters, in the subset that both databases know. Store
// threads.
#pragma once

#include "management/rows.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace switchyard::management {

/// Conditions joined by AND; a '?' in a clause stands for the next value.
class Where {
 public:
  void add(std::string_view clause, std::vector<Value> values = {});
  std::string sql() const { return text_.empty() ? "" : " WHERE " + text_; }
  const std::vector<Value>& values() const { return values_; }

 private:
  std::string text_;
  std::vector<Value> values_;
};

/// `column IN (?, ?, ...)`; false for an empty list.
std::string in_clause(std::string_view column, std::size_t count);
/// The column (text[] or a JSON list in a text) holds the value.
void add_holds(Where& where, Session& session, std::string_view column, std::string_view value);
/// Case-insensitive "contains".
void add_like(Where& where, std::string_view column, std::string_view part);

struct PageQuery {
  std::string table; ///< without the prefix
  std::string id;    ///< its key column; breaks ties
  Where where;
  std::string sort_by, sort_order; ///< checked by read_sort()
  std::int64_t page = 1, size = 10;
};
struct PageRows {
  Rows rows;
  std::int64_t total = 0, pages = 0;
};
/// One page in order, and the count of all.
Out<PageRows> read_page(Session& session, const PageQuery& query);
/// sort_by and sort_order of the call; 400 when they are not among `columns`.
Out<void> read_sort(const Call& call, std::span<const std::string_view> columns, std::string_view fallback,
                    PageQuery& query);

constexpr std::int64_t k_last_page = 1'000'000'000; ///< keeps offsets within int64

} // namespace switchyard::management
