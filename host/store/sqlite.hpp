// The few things the run store needs of SQLite, with its failures turned into Errors.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace phigrad::sqlite {

enum class Mode { create, write, read };

/// A connection. Every failure throws Error(Exit::input) that names the run directory (the folder
/// of `file`) and what to do; std::bad_alloc when memory is short.
class Database {
 public:
  /// Opens `file` (":memory:" for none). Nothing the file contains is trusted.
  Database(const std::filesystem::path& file, Mode mode);

  void execute(const char* sql);

  /// The first column of the first row; empty text when there is none.
  std::string text(const char* sql);
  std::int64_t integer(const char* sql);

  bool in_transaction() const;

  /// Throws what SQLite's result `code` means (std::logic_error for a row that breaks a
  /// constraint); returns when it means success.
  void check(int code) const;

  /// Throws: the content is not what this program wrote.
  [[noreturn]] void damaged(const std::string& detail) const;

  sqlite3* handle() const { return handle_.get(); }

 private:
  struct Close {
    void operator()(sqlite3* handle) const;
  };
  void connect(const std::string& name, int flags);
  bool readable() const;

  std::filesystem::path file_;
  std::unique_ptr<sqlite3, Close> handle_;
};

/// Bytes to bind as a BLOB.
struct Bytes {
  const void* data;
  std::size_t size;
};

/// A prepared statement. Texts and bytes given to it must outlive the call of run, or the loop
/// over step.
class Statement {
 public:
  Statement(const Database& database, const char* sql);

  /// Binds the arguments to ?1, ?2, … and executes a statement that returns no rows.
  template <class... Args>
  void run(const Args&... args) {
    const Reset afterwards(
        handle_.get());  // also after a failure: an open statement blocks rollback
    bind_all(args...);
    step();
  }

  /// Binds the arguments and goes before the first row; step follows.
  template <class... Args>
  Statement& with(const Args&... args) {
    reset();
    bind_all(args...);
    return *this;
  }

  /// Goes to the next row; false after the last.
  bool step();

  /// The current row's columns, counted from 0. A NULL reads as NaN. Text and bytes are valid until
  /// the next step.
  std::int64_t integer(int column) const;
  double real(int column) const;
  std::string_view text(int column) const;
  Bytes bytes(int column) const;

 private:
  struct Finalize {
    void operator()(sqlite3_stmt* handle) const;
  };
  struct Reset {
    explicit Reset(sqlite3_stmt* statement) : handle(statement) {}
    Reset(const Reset&) = delete;
    Reset& operator=(const Reset&) = delete;
    ~Reset();
    sqlite3_stmt* handle;
  };

  void reset();
  template <class... Args>
  void bind_all(const Args&... args) {
    int index = 0;
    (bind(++index, args), ...);
  }
  void bind(int index, std::int64_t value);
  void bind(int index, int value) { bind(index, std::int64_t{value}); }
  void bind(int index, double value);
  void bind(int index, std::string_view value);
  void bind(int index, const Bytes& value);

  const Database* database_;
  std::unique_ptr<sqlite3_stmt, Finalize> handle_;
};

/// Commits on commit(), else undoes everything when it goes out of scope.
class Transaction {
 public:
  explicit Transaction(Database& database);
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();
  void commit();

 private:
  Database& database_;
};

}  // namespace phigrad::sqlite
