// The tables of run.db.
#pragma once

#include "host/store/sqlite.hpp"

namespace phigrad {

/// Version of the tables, kept in run.db as PRAGMA user_version. Raise it with every change to
/// them.
constexpr int schema_version = 1;

/// Makes the tables in an empty database.
void create_schema(sqlite::Database& database);

/// Throws Error(Exit::input) unless the database has exactly the tables that create_schema makes:
/// a foreign file, a newer version and planted views or triggers are refused here.
void check_schema(sqlite::Database& database, const std::string& directory);

}  // namespace phigrad
