#include "host/records/julia_bson.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "host/support/error.hpp"

namespace phigrad {
namespace {

constexpr const char* remedy_shape = "give a file as the method's authors record it";

// BSON.jl writes at most one backref in a row; a longer chain is a cycle or an attack.
constexpr int max_backref_hops = 8;

// A UInt8 becomes an 8-byte double, the largest honest growth from file to memory.
constexpr std::size_t decode_growth = 8;
constexpr std::size_t max_decoded_bytes = 2 * bson_max_bytes;

constexpr std::size_t max_rank = 8;
constexpr std::size_t max_name_parts = 8;  // modules in a type's name

JuliaKind kind_of_object(const BsonObject& object, const BsonNode* data) {
  const BsonNode* tag_node = object.find("tag");
  const std::string* tag = tag_node == nullptr ? nullptr : tag_node->as<std::string>();
  if (tag == nullptr) return JuliaKind::document;
  if (*tag == "datatype") return JuliaKind::datatype;
  if (data == nullptr) return JuliaKind::document;
  const bool is_list = data->as<BsonArray>() != nullptr;
  const bool is_binary = data->as<BsonBinary>() != nullptr;
  if (*tag == "array" && is_binary) return JuliaKind::numbers;
  if (*tag == "array" && is_list) return JuliaKind::list;
  if (*tag == "tuple" && is_list) return JuliaKind::tuple;
  if (*tag == "struct" && (is_list || is_binary)) return JuliaKind::structure;
  return JuliaKind::document;
}

}  // namespace

std::string shape_text(const std::vector<std::size_t>& extents) {
  std::string text;
  for (const std::size_t extent : extents) {
    text += (text.empty() ? "" : " x ") + std::to_string(extent);
  }
  return text;
}

JuliaFile JuliaFile::read(const std::filesystem::path& path) {
  const std::vector<std::uint8_t> bytes = read_bson_bytes(path);
  return JuliaFile(bytes.data(), bytes.size(), path.string());
}

JuliaFile::JuliaFile(const std::uint8_t* data, std::size_t size, std::string name)
    : name_(std::move(name)),
      document_(parse_bson(data, size, name_)),
      budget_(std::min(decode_growth * size, max_decoded_bytes)) {
  if (const BsonNode* node = document_.find("_backrefs")) backrefs_ = node->as<BsonArray>();
}

JuliaValue JuliaFile::root() const {
  for (const BsonObject::Member& member : document_.members()) {
    if (member.first.empty() || member.first.front() != '_') {
      return JuliaValue(*this, member.second, name_);
    }
  }
  throw Error(Exit::input, "the file holds no value", name_, remedy_shape);
}

void JuliaFile::charge(std::size_t bytes, const std::string& place) const {
  if (bytes > budget_ - charged_) {
    throw Error(Exit::input, "the file's shared values unfold to more than it may hold", place,
                remedy_shape);
  }
  charged_ += bytes;
}

const BsonNode& JuliaFile::resolve(const BsonNode& node, const std::string& place) const {
  const BsonNode* at = &node;
  for (int hop = 0; hop <= max_backref_hops; ++hop) {
    const BsonObject* object = at->as<BsonObject>();
    const BsonNode* tag = object == nullptr ? nullptr : object->find("tag");
    const std::string* name = tag == nullptr ? nullptr : tag->as<std::string>();
    if (name == nullptr || *name != "backref") return *at;
    const BsonNode* ref_node = object->find("ref");
    const std::int64_t* ref = ref_node == nullptr ? nullptr : ref_node->as<std::int64_t>();
    const std::size_t count = backrefs_ == nullptr ? 0 : backrefs_->size();
    if (ref == nullptr || *ref < 1 || static_cast<std::uint64_t>(*ref) > count) {
      throw Error(Exit::input,
                  "a backref points to " +
                      (ref == nullptr ? std::string("no number") : std::to_string(*ref)) +
                      ", outside the file's " + std::to_string(count) + " shared values",
                  place, remedy_shape);
    }
    at = &(*backrefs_)[static_cast<std::size_t>(*ref - 1)];
  }
  throw Error(Exit::input, "backrefs point to each other in a cycle", place, remedy_shape);
}

JuliaValue::JuliaValue(const JuliaFile& file, const BsonNode& node, std::string place)
    : file_(&file), node_(&file.resolve(node, place)), place_(std::move(place)) {
  static constexpr std::array<JuliaKind, 7> plain{
      JuliaKind::null,   JuliaKind::boolean, JuliaKind::integer, JuliaKind::real,
      JuliaKind::string, JuliaKind::binary,  JuliaKind::list};  // in the order of BsonNode::Value
  if (const BsonObject* object = node_->as<BsonObject>()) {
    const BsonNode* data = object->find("data");
    kind_ = kind_of_object(*object, data == nullptr ? nullptr : &file.resolve(*data, place_));
  } else {
    kind_ = plain[node_->value.index()];
  }
}

void JuliaValue::fail(const std::string& problem) const {
  throw Error(Exit::input, problem, place_, remedy_shape);
}

const BsonNode& JuliaValue::member(std::string_view key) const {
  const BsonObject* object = node_->as<BsonObject>();
  const BsonNode* found = object == nullptr ? nullptr : object->find(key);
  if (found == nullptr) fail("holds a value without its '" + std::string(key) + "'");
  return file_->resolve(*found, place_);
}

std::string JuliaValue::type_name() const {
  const BsonObject* object = node_->as<BsonObject>();
  const BsonNode* type = object == nullptr ? nullptr : object->find("type");
  if (type == nullptr) return {};
  object = file_->resolve(*type, place_).as<BsonObject>();
  const BsonNode* name = object == nullptr ? nullptr : object->find("name");
  if (name == nullptr) return {};
  const BsonArray* parts = file_->resolve(*name, place_).as<BsonArray>();
  if (parts == nullptr || parts->size() > max_name_parts) return {};
  std::string joined;
  for (const BsonNode& part : *parts) {
    const std::string* text = part.as<std::string>();
    if (text == nullptr) return {};
    joined += (joined.empty() ? "" : ".") + printable(*text);
  }
  return joined;
}

std::string JuliaValue::local_type_name() const {
  const std::string full = type_name();
  return full.substr(full.rfind('.') + 1);  // npos + 1 is 0
}

std::string JuliaValue::describe() const {
  switch (kind_) {
    case JuliaKind::null:
      return "nothing";
    case JuliaKind::boolean:
      return "a Bool";
    case JuliaKind::integer:
      return "an integer";
    case JuliaKind::real:
      return "a number";
    case JuliaKind::string:
      return "a text";
    case JuliaKind::binary:
      return "raw bytes";
    case JuliaKind::list:
      return "a list of " + std::to_string(size()) + " items";
    case JuliaKind::tuple:
      return "a tuple of " + std::to_string(size()) + " items";
    case JuliaKind::structure:
      return "a struct " + type_name();
    case JuliaKind::datatype:
      return "a datatype";
    case JuliaKind::document:
      return "a dictionary";
    case JuliaKind::numbers:
      break;
  }
  if (find_julia_element(local_type_name()) == nullptr) return "an array of " + type_name();
  return "a " + shape_text(extents()) + " array of " + local_type_name();
}

std::size_t JuliaValue::size() const {
  if (const BsonArray* array = node_->as<BsonArray>()) return array->size();
  const bool has_items =
      kind_ == JuliaKind::list || kind_ == JuliaKind::tuple || kind_ == JuliaKind::structure;
  if (!has_items) fail("holds " + describe() + " where a struct or a list is needed");
  const BsonArray* array = member("data").as<BsonArray>();
  return array == nullptr ? 0 : array->size();
}

JuliaValue JuliaValue::item(std::size_t index, const std::string& label) const {
  const BsonArray* array = node_->as<BsonArray>();
  if (array == nullptr) array = member("data").as<BsonArray>();
  const std::size_t count = size();
  if (array == nullptr || index >= count) {
    fail("holds " + describe() + " of " + std::to_string(count) + " items, no item " +
         std::to_string(index));
  }
  return JuliaValue(*file_, (*array)[index], label.empty() ? place_ : place_ + ", " + label);
}

double JuliaValue::number() const {
  if (const double* real = node_->as<double>()) return *real;
  if (const std::int64_t* integer = node_->as<std::int64_t>()) {
    return static_cast<double>(*integer);
  }
  if (kind_ == JuliaKind::structure && local_type_name() == "Float32") {
    const BsonBinary* bytes = member("data").as<BsonBinary>();
    const JuliaElement& element = *find_julia_element("Float32");
    if (bytes != nullptr && bytes->size() == element.bytes) {
      return decode_reals(element, *bytes, 1).front();
    }
  }
  fail("holds " + describe() + " where a number is needed");
}

std::vector<std::size_t> JuliaValue::extents() const {
  const JuliaElement& element = number_element();
  const BsonArray* size = member("size").as<BsonArray>();
  if (size == nullptr || size->empty() || size->size() > max_rank) {
    fail("holds an array without a usable size");
  }
  std::vector<std::size_t> extents;
  for (const BsonNode& node : *size) {
    const std::int64_t* extent = node.as<std::int64_t>();
    if (extent == nullptr || *extent < 0) fail("holds an array without a usable size");
    extents.push_back(static_cast<std::size_t>(*extent));
  }
  const std::string problem = extents_problem(extents, element.bytes, number_data().size());
  if (!problem.empty()) fail("holds a damaged array: " + problem);
  return extents;
}

const JuliaElement& JuliaValue::number_element() const {
  if (kind_ != JuliaKind::numbers) {
    fail("holds " + describe() + " where an array of numbers is needed");
  }
  const JuliaElement* element = find_julia_element(local_type_name());
  if (element == nullptr) fail("holds an array of unknown numbers '" + type_name() + "'");
  return *element;
}

const BsonBinary& JuliaValue::number_data() const { return *member("data").as<BsonBinary>(); }

std::size_t JuliaValue::count_numbers(std::size_t bytes_each) const {
  std::size_t count = 1;
  for (const std::size_t extent : extents()) count *= extent;
  file_->charge(count * bytes_each, place_);
  return count;
}

std::vector<double> JuliaValue::reals() const {
  const std::size_t count = count_numbers(sizeof(double));
  return decode_reals(number_element(), number_data(), count);
}

std::vector<std::int64_t> JuliaValue::integers() const {
  const JuliaElement& element = number_element();
  if (!element.is_integer()) fail("holds " + describe() + " where integers are needed");
  const std::size_t count = count_numbers(sizeof(std::int64_t));
  return decode_integers(element, number_data(), count);
}

}  // namespace phigrad
