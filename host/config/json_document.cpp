#include "host/config/json_document.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>
#include <vector>

#include "host/config/place.hpp"
#include "host/support/error.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

constexpr const char* kSyntaxRemedy =
    "correct it there; JSON has no comments, trailing commas, single quotes, NaN or Infinity";

// Tells the SAX handler how far the lexer has read: nlohmann gives it no position.
class TrackedIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  TrackedIterator(const char* at, const char** furthest) : at_(at), furthest_(furthest) {}
  reference operator*() const { return *at_; }
  TrackedIterator& operator++() {
    *furthest_ = ++at_;
    return *this;
  }
  TrackedIterator operator++(int) {
    const TrackedIterator old = *this;
    ++*this;
    return old;
  }
  friend bool operator==(const TrackedIterator& a, const TrackedIterator& b) {
    return a.at_ == b.at_;
  }
  friend bool operator!=(const TrackedIterator& a, const TrackedIterator& b) { return !(a == b); }

 private:
  const char* at_;
  const char** furthest_;
};

// True for every byte of a UTF-8 character but the first.
bool is_inside_character(char c) { return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U; }

// Builds the document and refuses what a config never needs. Errors leave as exceptions.
class Builder final : public nlohmann::json_sax<ordered_json> {
 public:
  Builder(std::string_view text, std::string place, const JsonCaps& caps)
      : text_(text), place_(std::move(place)), caps_(caps), furthest_(text.data()) {}

  TrackedIterator first() { return {text_.data(), &furthest_}; }
  TrackedIterator last() { return {text_.data() + text_.size(), &furthest_}; }
  ordered_json take() { return std::move(root_); }

  bool null() override { return add(nullptr); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(number_integer_t value) override { return add(value); }
  bool number_unsigned(number_unsigned_t value) override { return add(value); }
  bool number_float(number_float_t value, const string_t&) override { return add(value); }
  bool string(string_t& value) override { return add(std::move(value)); }
  bool binary(binary_t&) override { fail(read(), "binary data is not JSON", kSyntaxRemedy); }

  bool start_object(std::size_t) override { return open(); }
  bool start_array(std::size_t) override { return open(); }

  bool end_array() override {
    ordered_json array = ordered_json::array();
    array.get_ref<ordered_json::array_t&>() = std::move(open_.back().values);
    return close(std::move(array));
  }

  // The members come in at once: an ordered_json object that grows copies all it holds.
  bool end_object() override {
    Open& members = open_.back();
    refuse_duplicates(members);
    ordered_json object = ordered_json::object();
    auto& map = object.get_ref<ordered_json::object_t&>();
    map.reserve(members.keys.size());
    for (std::size_t i = 0; i < members.keys.size(); ++i) {
      map.emplace_back(std::move(members.keys[i].name), std::move(members.values[i]));
    }
    return close(std::move(object));
  }

  bool key(string_t& name) override {
    open_.back().keys.push_back({std::move(name), opening_quote()});
    return true;
  }

  bool parse_error(std::size_t position, const std::string& token,
                   const nlohmann::detail::exception& error) override {
    const std::size_t offset = position == 0 ? 0 : position - 1;
    if (error.id == 406) {
      fail(offset, "the number " + shown(token) + " is too large for a double",
           "write a finite number");
    }
    // "[json.exception...] parse error at line 1, column 2: syntax error while parsing value -
    // invalid literal; last read: '...'": what was read can be megabytes, and is not one token.
    std::string reason = error.what();
    reason.resize(std::min(reason.find("; last read: "), reason.size()));
    const std::size_t dash = reason.find(" - ");
    if (dash != std::string::npos) reason = reason.substr(dash + 3);
    std::replace(reason.begin(), reason.end(), ';', ',');
    fail(offset, "not JSON after " + line_before(offset) + ": " + reason, kSyntaxRemedy);
  }

  [[noreturn]] void fail(std::size_t offset, const std::string& problem,
                         const std::string& remedy) const {
    const std::string_view before = text_.substr(0, std::min(offset, text_.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t start = before.rfind('\n') + 1;  // npos + 1 is 0
    const auto column =
        1 + std::count_if(before.begin() + static_cast<std::ptrdiff_t>(start), before.end(),
                          [](char c) { return !is_inside_character(c); });
    throw Error(Exit::input, problem,
                place_ + ":" + std::to_string(line) + ":" + std::to_string(column), remedy);
  }

 private:
  struct Key {
    std::string name;
    std::size_t offset;
  };
  struct Open {  // an array or object that is not closed yet
    std::vector<Key> keys;
    std::vector<ordered_json> values;
  };

  // Offset of the last character read.
  std::size_t read() const {
    const auto count = static_cast<std::size_t>(furthest_ - text_.data());
    return count == 0 ? 0 : count - 1;
  }

  // The end of the line up to and with the character at `offset`.
  std::string line_before(std::size_t offset) const {
    constexpr std::size_t kLength = 24;
    const std::size_t end = std::min(offset + 1, text_.size());
    std::size_t start = end > kLength ? end - kLength : 0;
    if (end > 1) start = std::max(start, text_.rfind('\n', end - 2) + 1);  // npos + 1 is 0
    while (start < end && is_inside_character(text_[start])) ++start;
    return shown(text_.substr(start, end - start));
  }

  // Offset of the quote that opens the string just read.
  std::size_t opening_quote() const {
    std::size_t quote = read();
    while (quote > 0) {
      quote = text_.rfind('"', quote - 1);
      std::size_t slashes = 0;
      while (slashes < quote && text_[quote - slashes - 1] == '\\') ++slashes;
      if (slashes % 2 == 0) break;
    }
    return quote;
  }

  // By sorting: comparing each key with all before it would be quadratic in 10^6 keys.
  void refuse_duplicates(const Open& object) const {
    std::vector<const Key*> sorted;
    for (const Key& key : object.keys) sorted.push_back(&key);
    std::sort(sorted.begin(), sorted.end(), [](const Key* a, const Key* b) {
      return std::tie(a->name, a->offset) < std::tie(b->name, b->offset);
    });
    const auto twice =
        std::adjacent_find(sorted.begin(), sorted.end(),
                           [](const Key* a, const Key* b) { return a->name == b->name; });
    if (twice == sorted.end()) return;
    const Key& second = **std::next(twice);
    fail(second.offset, "the key " + shown(second.name) + " appears twice in one object",
         "remove one of the two");
  }

  void count_value() {
    if (++values_ <= caps_.values) return;
    fail(read(), "more than " + std::to_string(caps_.values) + " values",
         "split the document or remove what does not belong in it");
  }

  void place(ordered_json value) {
    if (open_.empty()) {
      root_ = std::move(value);
    } else {
      open_.back().values.push_back(std::move(value));
    }
  }

  template <class Value>
  bool add(Value&& value) {
    count_value();
    place(std::forward<Value>(value));
    return true;
  }

  bool open() {
    count_value();
    if (open_.size() == caps_.depth) {
      fail(read(), "nested deeper than " + std::to_string(caps_.depth) + " levels",
           "flatten the document");
    }
    open_.emplace_back();
    return true;
  }

  bool close(ordered_json container) {
    open_.pop_back();
    place(std::move(container));
    return true;
  }

  std::string_view text_;
  std::string place_;
  JsonCaps caps_;
  const char* furthest_;
  ordered_json root_;
  std::vector<Open> open_;
  std::size_t values_ = 0;
};

void refuse_size(const std::string& place, const JsonCaps& caps) {
  throw Error(Exit::input, "more than " + std::to_string(caps.bytes) + " bytes of JSON", place,
              "check that this is the file you meant");
}

}  // namespace

ordered_json parse_json(std::string_view text, const std::string& place, const JsonCaps& caps) {
  if (text.size() > caps.bytes) refuse_size(place, caps);
  if (text.empty()) text = "";  // a null view has no address to measure from
  Builder builder(text, place, caps);
  const std::size_t nul = text.find('\0');  // nlohmann would take it for the end of the text
  if (nul != std::string_view::npos) {
    builder.fail(nul, "not JSON: a NUL byte", "save the file as plain UTF-8 text");
  }
  ordered_json::sax_parse(builder.first(), builder.last(), &builder);
  return builder.take();
}

ordered_json read_json(const std::string& path, const JsonCaps& caps) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  std::string text;
  std::vector<char> block(std::size_t{1} << 16);
  while (file && text.size() <= caps.bytes) {  // not by the file's size: a device has none
    file.read(block.data(), static_cast<std::streamsize>(block.size()));
    text.append(block.data(), static_cast<std::size_t>(file.gcount()));
  }
  if (!file.is_open() || file.bad()) {
    throw Error(Exit::input,
                std::string("cannot read the file: ") + (errno != 0 ? std::strerror(errno) : "?"),
                path, "check the path and the permissions");
  }
  return parse_json(text, path, caps);
}

}  // namespace phigrad
