// Rows of the database in management handlers: finding, linking and writing them. Store threads.
#pragma once

#include "management/answer.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace switchyard::management {

/// An answer that goes out instead of what was wanted. A type of its own because numbers would convert to
/// the aggregate Reply.
struct Refusal {
  Reply reply;
  Refusal() = default;
  Refusal(Reply answer) : reply(std::move(answer)) {}
  operator Reply() const { return reply; }
};
[[noreturn]] void throw_exception_from_error(const Refusal& refusal, const boost::source_location& where);

/// A value, or the refusal.
template <class T>
using Out = boost::system::result<T, Refusal>;

using storage::Change;
using storage::Condition;
using storage::Row;
using storage::Rows;
using storage::Select;
using storage::Session;

/// A store's answer, its failure as a reply.
template <class T>
Out<T> stored(Result<T> answer) {
  if (!answer) return failed(answer.error());
  if constexpr (std::is_void_v<T>)
    return {};
  else
    return Out<T>(std::move(*answer));
}
/// The insert failed because a row with that key is there.
bool is_duplicate(const Error& error);

// -- values
inline Value text_value(std::string_view text) { return Value(std::string(text)); }
/// NULL for "".
inline Value text_or_null(std::string_view text) { return text.empty() ? Value() : text_value(text); }
const Value& at(const Row& row, std::string_view column); ///< null value when absent
std::string text_of(const Row& row, std::string_view column);
double number_of(const Row& row, std::string_view column);
bool flag_of(const Row& row, std::string_view column);
std::vector<std::string> list_in(const Row& row, std::string_view column);
ValueMap object_in(const Row& row, std::string_view column); ///< {} when it is none
bool contains(const std::vector<std::string>& list, std::string_view text);
/// Python's print of a list of texts: ['a', 'b'].
std::string python_list(const std::vector<std::string>& list);
/// Python's print of a float: 5 -> 5.0
std::string python_float(double number);

// -- reading
Out<Row> find_row(Session& session, std::string_view table, std::string_view column,
                  const Value& is); ///< an empty row = there is none
Out<Rows> find_rows(Session& session, std::string_view table, std::string_view column,
                    const std::vector<std::string>& ids); ///< any number of ids, in the order found
/// Adds litellm_budget_table and object_permission: the rows that budget_id and object_permission_id name,
/// or null.
Out<void> link_row(Session& session, Row& row);
Out<void> link_rows(Session& session, Rows& rows); ///< the same in two statements
Value list_value(Rows rows);

/// {"<name>": rows, "total", "page", "page_size", "total_pages"}
Value page_of(std::string_view name, Value rows, std::int64_t total, std::int64_t page, std::int64_t size);

// -- writing
/// Runs the work in one transaction; rolled back when its reply's status is 400 or above.
template <class Work>
Reply write(Session& session, Work&& work);
std::vector<Change> changes_of(ValueMap columns);
/// Sets columns of the rows whose `column` is the value and stamps updated_at (and _by when asked).
Out<Row> update_row(Session& session, const Call& call, std::string_view table, std::string_view column,
                    const Value& is, ValueMap columns, bool by = true);
Out<Row> insert_row(Session& session, std::string_view table, const Row& row);
Out<std::int64_t> remove_rows(Session& session, std::string_view table, std::string_view column,
                              const std::vector<std::string>& ids);
/// A new row of BudgetTable from the fields that are set; its id.
Out<std::string> new_budget(Session& session, const Call& call, ValueMap columns);
/// budget_reset_at for a duration: null value for "". 400 naming `field` when it cannot be read.
Out<Value> reset_time(const Call& call, std::string_view duration,
                      std::string_view field = "budget_duration");

// -- the template's pieces
Out<void> begin(Session& session);
Reply finish(Session& session, Reply reply);

template <class Work>
Reply write(Session& session, Work&& work) {
  if (auto begun = begin(session); !begun) return begun.error();
  try {
    return finish(session, work());
  } catch (...) {
    session.rollback();
    throw;
  }
}

} // namespace switchyard::management
