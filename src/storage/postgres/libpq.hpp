// libpq's functions, loaded when the first Postgres URL is read: who runs on SQLite or without a database
// does not carry libpq and the twenty libraries (LDAP, Kerberos, GnuTLS) behind it. Immutable once loaded;
// any thread.
#pragma once

#include <switchyard/error.hpp>

#include <libpq-fe.h>

namespace switchyard::storage {

// clang-format off
#define SWITCHYARD_LIBPQ(X) \
  X(PQclear) X(PQcmdStatus) X(PQcmdTuples) X(PQconnectdbParams) X(PQconninfoFree) X(PQconninfoParse) \
  X(PQconsumeInput) X(PQerrorMessage) X(PQexec) X(PQfinish) X(PQfname) X(PQfreemem) X(PQftype) \
  X(PQgetResult) X(PQgetisnull) X(PQgetlength) X(PQgetvalue) X(PQisBusy) X(PQnfields) X(PQnotifies) \
  X(PQntuples) X(PQresultErrorField) X(PQresultStatus) X(PQsendPrepare) X(PQsendQuery) \
  X(PQsendQueryParams) X(PQsendQueryPrepared) X(PQsetNoticeProcessor) X(PQsocket) X(PQstatus)
// clang-format on

/// The functions by their own names.
struct LibPq {
#define SWITCHYARD_MEMBER(name) decltype(&::name) name = nullptr;
  SWITCHYARD_LIBPQ(SWITCHYARD_MEMBER)
#undef SWITCHYARD_MEMBER
};

/// Loads the library once; the error says what to install. The library stays to the end of the process.
Result<void> load_libpq();
/// Only after load_libpq() has succeeded.
const LibPq& pq() noexcept;

} // namespace switchyard::storage
