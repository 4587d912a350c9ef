// The conventions by which Julia's BSON.jl writes its values, decoded on demand.
//
//   number array  {tag:"array", type:<datatype>, size:[…], data:<binary, little-endian,
//   column-major>} other array   a plain BSON array, or {tag:"array", …, data:[…]} struct
//   {tag:"struct", type:<datatype>, data:[fields in order]}; a bits value such as a
//                 lone Float32 has its bytes as data; a function is a struct of type "#name"
//   tuple         {tag:"tuple", data:[…]}          datatype  {tag:"datatype", name:[…], params:[…]}
//   shared value  {tag:"backref", ref:k}, k from 1, into the root's _backrefs
//
// Every access checks what it finds: a file of another shape is an Error(Exit::input) naming the
// place, never undefined behaviour.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "host/records/bson_document.hpp"
#include "host/records/julia_numbers.hpp"

namespace phigrad {

enum class JuliaKind {
  null,
  boolean,
  integer,
  real,
  string,
  binary,
  numbers,  // an array of numbers, of any rank
  list,     // an array of anything else
  tuple,
  structure,
  datatype,
  document,  // a dictionary, or an object of no known tag
};

/// "4 x 1136": extents in a message.
std::string shape_text(const std::vector<std::size_t>& extents);

class JuliaFile;

/// A value inside a JuliaFile, which must outlive it. Backrefs are already followed.
class JuliaValue {
 public:
  JuliaKind kind() const { return kind_; }

  /// Where the value lies, for messages: "run.bson, rollout 3, field xs".
  const std::string& place() const { return place_; }

  /// "a struct Flux.Chain", "a 4 x 1136 array of Float64": what a message calls the value.
  std::string describe() const;

  /// The type of a struct, or of the elements of a tagged array:
  /// "LearningWithSimpleModels.RolloutData" or, for `local_type_name`, "RolloutData". Empty when
  /// the file does not say.
  std::string type_name() const;
  std::string local_type_name() const;

  /// The number of fields of a struct or of items of a list or tuple; Error for any other kind.
  std::size_t size() const;

  /// Field or item `index` < size(); `label`, unless empty, is added to
  /// its place.
  JuliaValue item(std::size_t index, const std::string& label) const;

  /// A lone number. Integers are converted.
  double number() const;

  /// The extents of an array of numbers, slowest last (column-major).
  std::vector<std::size_t> extents() const;

  /// The elements of an array of numbers in memory order, converted to double.
  std::vector<double> reals() const;

  /// The elements of an array of an integer type; Error for other types.
  std::vector<std::int64_t> integers() const;

  /// The Error that a caller throws about this value.
  [[noreturn]] void fail(const std::string& problem) const;

 private:
  friend class JuliaFile;
  JuliaValue(const JuliaFile& file, const BsonNode& node, std::string place);

  const BsonNode& member(std::string_view key) const;
  const JuliaElement& number_element() const;
  const BsonBinary& number_data() const;
  std::size_t count_numbers(std::size_t bytes_each) const;

  const JuliaFile* file_;
  const BsonNode* node_;
  std::string place_;
  JuliaKind kind_;
};

/// A whole file. Not copied or moved, because its values point into it. Not thread-safe.
class JuliaFile {
 public:
  /// Reads a file from disk; see read_bson_bytes and parse_bson for the errors.
  static JuliaFile read(const std::filesystem::path& path);

  /// Reads a file from memory; `name` stands for it in messages.
  JuliaFile(const std::uint8_t* data, std::size_t size, std::string name);

  JuliaFile(const JuliaFile&) = delete;
  JuliaFile& operator=(const JuliaFile&) = delete;

  /// The value under the first key that does not start with '_'; Error when there is none.
  JuliaValue root() const;

  /// Accounts for `bytes` of decoded output. A file may refer to one array from many places, so
  /// the sum is bounded by the file's own size; Error when it is exceeded.
  void charge(std::size_t bytes, const std::string& place) const;

 private:
  friend class JuliaValue;
  const BsonNode& resolve(const BsonNode& node, const std::string& place) const;

  std::string name_;
  BsonObject document_;
  const BsonArray* backrefs_ = nullptr;
  std::size_t budget_;               // bytes that may be decoded
  mutable std::size_t charged_ = 0;  // bytes decoded so far
};

}  // namespace phigrad
