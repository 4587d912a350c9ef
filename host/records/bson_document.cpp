#include "host/records/bson_document.hpp"

#include <algorithm>
#include <fstream>
#include <limits>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>
#include <system_error>

#include "host/support/error.hpp"

namespace phigrad {
namespace {

constexpr const char* remedy_copy = "copy the file again from its source";
constexpr const char* remedy_foreign = "give a .bson file written by Julia's BSON.jl";

/// Turns nlohmann's SAX events into the tree; returning false from an event stops the parse.
class TreeBuilder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return add(std::monostate{}) != nullptr; }
  bool boolean(bool value) override { return add(value) != nullptr; }
  bool number_integer(number_integer_t value) override {
    return add(std::int64_t{value}) != nullptr;
  }
  bool number_unsigned(number_unsigned_t value) override {
    if (value > static_cast<number_unsigned_t>(std::numeric_limits<std::int64_t>::max())) {
      return fail("holds an integer beyond 64 signed bits");
    }
    return add(static_cast<std::int64_t>(value)) != nullptr;
  }
  bool number_float(number_float_t value, const string_t&) override {
    return add(value) != nullptr;
  }
  bool string(string_t& value) override { return add(std::move(value)) != nullptr; }
  bool binary(binary_t& value) override {
    return add(BsonBinary(std::move(static_cast<BsonBinary&>(value)))) != nullptr;
  }
  bool start_object(std::size_t) override { return open(BsonObject{}); }
  bool start_array(std::size_t) override { return open(BsonArray{}); }
  bool end_array() override { return close(); }
  bool key(string_t& value) override {
    key_ = std::move(value);
    return true;
  }
  bool end_object() override {
    const std::string* twice = std::get<BsonObject>(open_.back()->value).seal();
    if (twice != nullptr) return fail("holds the key '" + printable(*twice) + "' twice");
    return close();
  }
  bool parse_error(std::size_t position, const std::string&,
                   const nlohmann::json::exception& error) override {
    // The exception's text starts with its own name in brackets; the rest is for people.
    const std::string_view text = error.what();
    const std::size_t name_end = text.find("] ");
    const std::string_view reason =
        name_end == std::string_view::npos ? text : text.substr(name_end + 2);
    return fail("is damaged at byte " + std::to_string(position) + " (" + printable(reason, 160) +
                ")");
  }

  const std::optional<std::string>& failure() const { return failure_; }
  BsonNode& root() { return root_; }

 private:
  // After a size cut off by the end of the input the reader takes one more step before it stops:
  // the first failure is the one that explains.
  bool fail(std::string problem) {
    if (!failure_) failure_ = std::move(problem);
    return false;
  }

  BsonNode* add(BsonNode::Value value) {
    if (++nodes_ > bson_max_nodes) {
      fail("holds more than " + std::to_string(bson_max_nodes) + " values");
      return nullptr;
    }
    if (open_.empty()) {
      root_.value = std::move(value);
      return &root_;
    }
    BsonNode& parent = *open_.back();
    if (BsonArray* array = std::get_if<BsonArray>(&parent.value)) {
      return &array->emplace_back(BsonNode{std::move(value)});
    }
    return &std::get<BsonObject>(parent.value).append(std::move(key_), BsonNode{std::move(value)});
  }

  bool open(BsonNode::Value container) {
    if (open_.size() == bson_max_depth) {
      return fail("is nested deeper than " + std::to_string(bson_max_depth) + " levels");
    }
    BsonNode* node = add(std::move(container));
    if (node == nullptr) return false;
    open_.push_back(node);
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  BsonNode root_;
  // Stays valid: while a container is open, only the innermost one grows.
  std::vector<BsonNode*> open_;
  std::string key_;
  std::size_t nodes_ = 0;
  std::optional<std::string> failure_;
};

std::size_t declared_size(const std::uint8_t* data) {
  return std::size_t{data[0]} | std::size_t{data[1]} << 8 | std::size_t{data[2]} << 16 |
         std::size_t{data[3]} << 24;
}

/// Whether the first bytes could begin a BSON document: a size this reader could take (text always
/// declares more), a known element type, a key of visible characters.
bool begins_like_bson(const std::uint8_t* data, std::size_t size) {
  const std::size_t declared = declared_size(data);
  if (declared < 5 || declared > bson_max_bytes) return false;
  if (declared == 5) return data[4] == 0;
  const std::uint8_t type = data[4];
  if (type == 0 || (type > 0x13 && type != 0x7F && type != 0xFF)) return false;
  std::size_t end = 5;
  while (end < size && data[end] > 0x20 && data[end] != 0x7F) ++end;
  return end == size || (data[end] == 0 && end > 5);
}

}  // namespace

BsonNode& BsonObject::append(std::string key, BsonNode value) {
  return members_.emplace_back(std::move(key), std::move(value)).second;
}

const std::string* BsonObject::seal() {
  by_key_.resize(members_.size());
  std::iota(by_key_.begin(), by_key_.end(), std::uint32_t{0});
  std::sort(by_key_.begin(), by_key_.end(), [this](std::uint32_t a, std::uint32_t b) {
    return members_[a].first < members_[b].first;
  });
  const auto twice = std::adjacent_find(
      by_key_.begin(), by_key_.end(),
      [this](std::uint32_t a, std::uint32_t b) { return members_[a].first == members_[b].first; });
  return twice == by_key_.end() ? nullptr : &members_[*twice].first;
}

const BsonNode* BsonObject::find(std::string_view key) const {
  const auto at = std::lower_bound(by_key_.begin(), by_key_.end(), key,
                                   [this](std::uint32_t index, std::string_view wanted) {
                                     return members_[index].first < wanted;
                                   });
  if (at == by_key_.end() || members_[*at].first != key) return nullptr;
  return &members_[*at].second;
}

std::string printable(std::string_view text, std::size_t max_bytes) {
  std::string out(text.substr(0, max_bytes));
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < 0x20 || c > 0x7E; }, '?');
  if (text.size() > max_bytes) out += "...";
  return out;
}

BsonObject parse_bson(const std::uint8_t* data, std::size_t size, const std::string& place) {
  const auto fail = [&place](const std::string& problem, const char* remedy) -> Error {
    return Error(Exit::input, problem, place, remedy);
  };
  if (size == 0) throw fail("the file is empty", remedy_copy);
  if (size > bson_max_bytes) {
    throw fail("the file holds " + std::to_string(size) + " bytes, more than the " +
                   std::to_string(bson_max_bytes) + " this reader takes",
               "split the recording");
  }
  if (size < 5 || !begins_like_bson(data, size)) {
    throw fail("this is not a BSON file", remedy_foreign);
  }
  const std::size_t declared = declared_size(data);
  if (declared != size) {
    throw fail(std::string(declared > size ? "this is a BSON file cut short"
                                           : "this is a BSON file with bytes after its end") +
                   ": it declares " + std::to_string(declared) + " bytes and holds " +
                   std::to_string(size),
               remedy_copy);
  }
  TreeBuilder builder;
  const bool parsed =
      nlohmann::json::sax_parse(data, data + size, &builder, nlohmann::json::input_format_t::bson);
  if (!parsed || builder.failure()) {
    throw fail("the BSON " + builder.failure().value_or("is damaged at its end"), remedy_copy);
  }
  return std::move(std::get<BsonObject>(builder.root().value));
}

std::vector<std::uint8_t> read_bson_bytes(const std::filesystem::path& path) {
  const std::string place = path.string();
  std::error_code error;
  const std::filesystem::file_status status = std::filesystem::status(path, error);
  if (status.type() == std::filesystem::file_type::not_found) {
    throw Error(Exit::input, "there is no such file", place, "check the path");
  }
  if (error)
    throw Error(Exit::input, "the file cannot be reached: " + error.message(), place,
                "check the path and its permissions");
  if (!std::filesystem::is_regular_file(status)) {
    const bool folder = std::filesystem::is_directory(status);
    throw Error(Exit::input, folder ? "this is a folder, not a file" : "this is not a regular file",
                place, "give the path of a .bson file");
  }
  const std::uintmax_t size = std::filesystem::file_size(path, error);
  if (error || size > bson_max_bytes) {
    throw Error(Exit::input,
                error ? "the size of the file cannot be read: " + error.message()
                      : "the file holds " + std::to_string(size) + " bytes, more than the " +
                            std::to_string(bson_max_bytes) + " this reader takes",
                place, error ? "check its permissions" : "split the recording");
  }
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(size));
  std::ifstream stream(path, std::ios::binary);
  stream.read(reinterpret_cast<char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
  if (!stream) {
    throw Error(Exit::input, "the file cannot be read", place,
                "check its permissions and its disk");
  }
  return bytes;
}

}  // namespace phigrad
