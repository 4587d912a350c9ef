// A BSON file as a tree, read from untrusted bytes within stated bounds.
//
// nlohmann's DOM reader recurses as deep as its input says and overflows the stack; here its SAX
// reader is stopped at bson_max_depth, so neither the parse nor the tree's destructor goes deeper.
// Nothing is allocated from a declared length: memory grows with the bytes really present.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace phigrad {

inline constexpr std::size_t bson_max_bytes = std::size_t{256} << 20;  // of one file
inline constexpr std::size_t bson_max_depth = 64;                      // nested objects and arrays
inline constexpr std::size_t bson_max_nodes = std::size_t{1} << 19;    // values in one file

struct BsonNode;
using BsonArray = std::vector<BsonNode>;
using BsonBinary = std::vector<std::uint8_t>;

/// The members of a document in the order of the file. Keys are unique.
class BsonObject {
 public:
  using Member = std::pair<std::string, BsonNode>;

  const std::vector<Member>& members() const { return members_; }

  /// The value under `key`, or nullptr. Logarithmic, so that an object of very many members cannot
  /// be used to stall a reader.
  const BsonNode* find(std::string_view key) const;

  /// Adds a member; `find` sees it after `seal`.
  BsonNode& append(std::string key, BsonNode value);

  /// Indexes the keys. Returns a key that occurs twice, or nullptr when all differ.
  const std::string* seal();

 private:
  std::vector<Member> members_;
  std::vector<std::uint32_t> by_key_;  // indices into members_, sorted by key
};

struct BsonNode {
  using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string, BsonBinary,
                             BsonArray, BsonObject>;
  Value value;

  /// The value as a T, or nullptr when it is something else. std::monostate is BSON's null.
  template <class T>
  const T* as() const {
    return std::get_if<T>(&value);
  }
};

/// Text from a file, made fit for a one-line message of any encoding: what is not visible ASCII
/// becomes '?', and at most `max_bytes` bytes stay.
std::string printable(std::string_view text, std::size_t max_bytes = 80);

/// Parses a whole BSON document. `place` names the bytes in messages.
/// Throws Error(Exit::input), telling apart: empty, not BSON at all, cut short, bytes after the
/// end, damaged, nested too deep, too many values, duplicate keys.
BsonObject parse_bson(const std::uint8_t* data, std::size_t size, const std::string& place);

/// The bytes of a regular file of at most bson_max_bytes. Throws Error(Exit::input) when it is
/// missing, not a regular file, too large or unreadable.
std::vector<std::uint8_t> read_bson_bytes(const std::filesystem::path& path);

}  // namespace phigrad
