#include "host/store/sqlite.hpp"

#include <sqlite3.h>

#include <algorithm>
#include <limits>
#include <new>
#include <stdexcept>
#include <system_error>

#include "host/support/error.hpp"

namespace phigrad::sqlite {
namespace {

constexpr int busy_timeout_ms = 10000;

// `file` as a URI that tells SQLite that nothing changes the file.
std::string immutable_uri(const std::filesystem::path& file) {
  constexpr std::string_view hex = "0123456789ABCDEF";
  std::string uri = "file:";
  for (const char c : file.string()) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '%' || c == '?' || c == '#')
      (uri += '%') += {hex[byte / 16], hex[byte % 16]};
    else
      uri += c;
  }
  return uri + "?immutable=1";
}

}  // namespace

void Database::Close::operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }

Database::Database(const std::filesystem::path& file, Mode mode) : file_(file) {
  connect(file.string(), mode == Mode::read    ? SQLITE_OPEN_READONLY
                         : mode == Mode::write ? SQLITE_OPEN_READWRITE
                                               : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
  // In WAL mode a reader needs files beside run.db. Where it may not make them and no log waits to
  // be read, the database file alone is the whole truth.
  if (mode == Mode::read && !readable() && !std::filesystem::exists(file.string() + "-wal"))
    connect(immutable_uri(file), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
}

void Database::connect(const std::string& name, int flags) {
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(name.c_str(), &handle, flags | SQLITE_OPEN_NOMUTEX, nullptr);
  handle_.reset(handle);  // SQLite gives one also on failure, to be asked for the reason
  if (!handle) throw std::bad_alloc();
  check(code);
  check(sqlite3_extended_result_codes(handle, 1));
  check(sqlite3_busy_timeout(handle, busy_timeout_ms));
  check(sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr));
  execute("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA temp_store = MEMORY");
}

bool Database::readable() const {
  const int code =
      sqlite3_exec(handle(), "SELECT count(*) FROM sqlite_master", nullptr, nullptr, nullptr) &
      0xff;
  return code != SQLITE_READONLY && code != SQLITE_CANTOPEN;
}

void Database::execute(const char* sql) {
  check(sqlite3_exec(handle(), sql, nullptr, nullptr, nullptr));
}

std::string Database::text(const char* sql) {
  Statement query(*this, sql);
  return query.step() ? std::string(query.text(0)) : std::string();
}

std::int64_t Database::integer(const char* sql) {
  Statement query(*this, sql);
  return query.step() ? query.integer(0) : 0;
}

bool Database::in_transaction() const { return sqlite3_get_autocommit(handle()) == 0; }

void Database::check(int code) const {
  if (code == SQLITE_OK || code == SQLITE_ROW || code == SQLITE_DONE) return;
  const std::string directory = file_.parent_path().string();
  const int system_error = sqlite3_system_errno(handle());
  const std::string reason =
      system_error != 0 ? std::generic_category().message(system_error) : sqlite3_errmsg(handle());
  switch (code & 0xff) {
    case SQLITE_NOMEM:
      throw std::bad_alloc();
    case SQLITE_FULL:
      throw Error(Exit::input, "the disk is full", directory,
                  "free some space and resume with --resume " + directory);
    case SQLITE_IOERR:
      throw Error(Exit::input, "run.db cannot be read or written: " + reason, directory,
                  "free some space or mend the disk and resume with --resume " + directory);
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
      throw Error(Exit::input, "run.db cannot be opened: " + reason, directory,
                  "make the run directory writable, or copy it to where it is");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      throw Error(Exit::input, "run.db is locked by another program", directory,
                  "close that program and resume with --resume " + directory);
    case SQLITE_TOOBIG:
      throw Error(Exit::input, "an array is larger than the 1 GB that run.db can hold", directory,
                  "train fewer policies in one run");
    case SQLITE_CONSTRAINT:
      throw std::logic_error(std::string("run.db refused a row: ") + sqlite3_errmsg(handle()));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      damaged(sqlite3_errmsg(handle()));
    default:
      throw Error(Exit::input, std::string("run.db failed: ") + sqlite3_errmsg(handle()), directory,
                  "resume with --resume " + directory + " and report this if it happens again");
  }
}

void Database::damaged(const std::string& detail) const {
  std::string line = detail;  // SQLite's findings may span several
  std::replace(line.begin(), line.end(), '\n', ' ');
  throw Error(Exit::input, "run.db is damaged or was not written by phigrad: " + line,
              file_.parent_path().string(),
              "restore it from a copy, or start a new run with another --out");
}

void Statement::Finalize::operator()(sqlite3_stmt* handle) const { sqlite3_finalize(handle); }

Statement::Reset::~Reset() {
  sqlite3_reset(handle);
  sqlite3_clear_bindings(handle);
}

Statement::Statement(const Database& database, const char* sql) : database_(&database) {
  sqlite3_stmt* handle = nullptr;
  database.check(sqlite3_prepare_v2(database.handle(), sql, -1, &handle, nullptr));
  handle_.reset(handle);
}

void Statement::reset() { sqlite3_reset(handle_.get()); }

bool Statement::step() {
  const int code = sqlite3_step(handle_.get());
  database_->check(code);
  return code == SQLITE_ROW;
}

void Statement::bind(int index, std::int64_t value) {
  database_->check(sqlite3_bind_int64(handle_.get(), index, value));
}

void Statement::bind(int index, double value) {
  database_->check(sqlite3_bind_double(handle_.get(), index, value));  // NaN becomes NULL
}

void Statement::bind(int index, std::string_view value) {
  const char* data = value.data() ? value.data() : "";  // a null pointer would bind NULL
  database_->check(
      sqlite3_bind_text64(handle_.get(), index, data, value.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void Statement::bind(int index, const Bytes& value) {
  const void* data = value.size > 0 ? value.data : "";
  database_->check(sqlite3_bind_blob64(handle_.get(), index, data, value.size, SQLITE_STATIC));
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(handle_.get(), column);
}

double Statement::real(int column) const {
  if (sqlite3_column_type(handle_.get(), column) == SQLITE_NULL)
    return std::numeric_limits<double>::quiet_NaN();
  return sqlite3_column_double(handle_.get(), column);
}

std::string_view Statement::text(int column) const {
  const Bytes value = bytes(column);
  return {static_cast<const char*>(value.data), value.size};
}

Bytes Statement::bytes(int column) const {
  const void* data = sqlite3_column_blob(handle_.get(), column);
  const int size = sqlite3_column_bytes(handle_.get(), column);
  if (!data && sqlite3_errcode(database_->handle()) == SQLITE_NOMEM) throw std::bad_alloc();
  return {data ? data : "", static_cast<std::size_t>(size)};
}

Transaction::Transaction(Database& database) : database_(database) {
  database.execute("BEGIN IMMEDIATE");
}

Transaction::~Transaction() {
  // A failure here changes nothing: SQLite discards what was not committed when it next opens.
  if (database_.in_transaction())
    sqlite3_exec(database_.handle(), "ROLLBACK", nullptr, nullptr, nullptr);
}

void Transaction::commit() { database_.execute("COMMIT"); }

}  // namespace phigrad::sqlite
