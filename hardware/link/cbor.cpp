#include "hardware/link/cbor.hpp"

#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

namespace phigrad::link {
namespace {

using Json = nlohmann::json;

/// Walks over the bytes of one data item and its children; what it lets pass, nlohmann reads with
/// bounded depth and memory.
class Walk {
 public:
  explicit Walk(ByteView bytes) : bytes_(bytes) {}

  /// The first thing that is not within the subset and the caps.
  std::optional<Refusal> fault() {
    std::array<std::uint64_t, max_cbor_depth> missing{};  // items of the open maps and arrays
    std::size_t depth = 0;
    std::size_t values = 0;
    do {
      if (++values > max_cbor_values) return Refusal::over_cap;
      std::uint64_t children = 0;
      if (const auto fault = item(children)) return fault;
      if (depth > 0) --missing[depth - 1];
      if (children > 0) {
        if (depth == max_cbor_depth) return Refusal::over_cap;
        missing[depth++] = children;
      }
      while (depth > 0 && missing[depth - 1] == 0) --depth;
    } while (depth > 0);
    if (at_ != bytes_.size) return Refusal::malformed;
    return std::nullopt;
  }

 private:
  std::size_t left() const { return bytes_.size - at_; }

  // One item's head and, for a string, its content. RFC 8949, section 3.
  std::optional<Refusal> item(std::uint64_t& children) {
    if (left() == 0) return Refusal::malformed;
    const unsigned major = bytes_.data[at_] >> 5;
    const unsigned info = bytes_.data[at_] & 0x1FU;
    ++at_;
    if (info == 31) return Refusal::unsupported;
    if (info > 27) return Refusal::malformed;
    std::uint64_t argument = info;
    if (info >= 24) {
      const std::size_t length = std::size_t{1} << (info - 24);
      if (left() < length) return Refusal::malformed;
      argument = 0;
      for (std::size_t i = 0; i < length; ++i) argument = argument << 8 | bytes_.data[at_++];
    }
    switch (major) {
      case 0:
        return std::nullopt;
      case 1:  // -1 - argument
        return within(argument, std::numeric_limits<std::int64_t>::max());
      case 2:
        return content(argument, max_binary_bytes);
      case 3:
        return content(argument, max_text_bytes);
      case 4:
        children = argument;
        return within(argument, max_array_items);
      case 5:
        if (argument > max_map_members) return Refusal::over_cap;
        children = 2 * argument;
        return std::nullopt;
      case 6:
        return Refusal::unsupported;
      default: {  // false, true, and floats of 2, 4, 8 bytes
        const bool known = info == 20 || info == 21 || info >= 25;
        return known ? std::nullopt : std::optional(Refusal::unsupported);
      }
    }
  }

  static std::optional<Refusal> within(std::uint64_t size, std::uint64_t cap) {
    return size <= cap ? std::nullopt : std::optional(Refusal::over_cap);
  }

  std::optional<Refusal> content(std::uint64_t length, std::uint64_t cap) {
    if (length > cap) return Refusal::over_cap;
    if (length > left()) return Refusal::malformed;
    at_ += static_cast<std::size_t>(length);
    return std::nullopt;
  }

  ByteView bytes_;
  std::size_t at_ = 0;
};

/// Turns nlohmann's SAX events into the tree; returning false from an event stops the parse.
class TreeBuilder final : public nlohmann::json_sax<Json> {
 public:
  bool null() override { return fail(Refusal::unsupported); }
  bool boolean(bool value) override { return add(value) != nullptr; }
  bool number_integer(number_integer_t value) override {
    return add(std::int64_t{value}) != nullptr;
  }
  bool number_unsigned(number_unsigned_t value) override {
    return add(std::uint64_t{value}) != nullptr;
  }
  bool number_float(number_float_t value, const string_t&) override {
    return add(value) != nullptr;
  }
  bool string(string_t& value) override { return add(std::move(value)) != nullptr; }
  bool binary(binary_t& value) override {
    return add(std::move(static_cast<CborBytes&>(value))) != nullptr;
  }
  bool start_object(std::size_t) override { return open(CborMap{}); }
  bool start_array(std::size_t) override { return open(CborArray{}); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& value) override {
    // At most max_map_members keys: a search through them is cheap.
    for (const CborMember& member : std::get<CborMap>(open_.back()->value)) {
      if (member.first == value) return fail(Refusal::duplicate_key);
    }
    key_ = std::move(value);
    return true;
  }
  bool parse_error(std::size_t, const std::string&, const Json::exception&) override {
    return fail(Refusal::malformed);
  }

  const std::optional<Refusal>& failure() const { return failure_; }
  CborValue& root() { return root_; }

 private:
  bool fail(Refusal refusal) {
    if (!failure_) failure_ = refusal;
    return false;
  }

  CborValue* add(CborValue::Value value) {
    if (open_.empty()) {
      root_.value = std::move(value);
      return &root_;
    }
    CborValue& parent = *open_.back();
    if (CborArray* array = std::get_if<CborArray>(&parent.value)) {
      return &array->emplace_back(CborValue{std::move(value)});
    }
    auto& map = std::get<CborMap>(parent.value);
    return &map.emplace_back(std::move(key_), CborValue{std::move(value)}).second;
  }

  bool open(CborValue::Value container) {
    if (open_.size() == max_cbor_depth) return fail(Refusal::over_cap);
    open_.push_back(add(std::move(container)));
    return true;
  }

  bool close() {
    open_.pop_back();
    return true;
  }

  CborValue root_;
  // Stays valid: while a container is open, only the innermost one grows.
  std::vector<CborValue*> open_;
  std::string key_;
  std::optional<Refusal> failure_;
};

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

}  // namespace

std::variant<CborMap, Refusal> parse_cbor(ByteView bytes) {
  if (bytes.size > max_control_bytes) return Refusal::over_cap;
  if (const auto fault = Walk(bytes).fault()) return *fault;
  TreeBuilder builder;
  const bool parsed = Json::sax_parse(bytes.data, bytes.data + bytes.size, &builder,
                                      nlohmann::json::input_format_t::cbor);
  if (builder.failure()) return *builder.failure();
  if (!parsed) return Refusal::malformed;
  CborMap* map = std::get_if<CborMap>(&builder.root().value);
  if (map == nullptr) return Refusal::wrong_type;
  return std::move(*map);
}

bool is_plain_text(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x20 || lead == 0x7F) return false;
    std::size_t more = 0;  // bytes after the first
    if (lead >= 0x80) {
      if (lead < 0xC2 || lead > 0xF4) return false;
      more = lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
    }
    if (text.size() - i <= more) return false;
    for (std::size_t k = 1; k <= more; ++k) {
      if (!is_continuation(text[i + k])) return false;
    }
    if (more > 0) {  // overlong forms, surrogates, beyond U+10FFFF, and the controls U+0080…U+009F
      const auto second = static_cast<unsigned char>(text[i + 1]);
      if (lead == 0xC2 && second < 0xA0) return false;
      if (lead == 0xE0 && second < 0xA0) return false;
      if (lead == 0xED && second >= 0xA0) return false;
      if (lead == 0xF0 && second < 0x90) return false;
      if (lead == 0xF4 && second >= 0x90) return false;
    }
    i += 1 + more;
  }
  return true;
}

}  // namespace phigrad::link
