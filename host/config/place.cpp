#include "host/config/place.hpp"

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <utility>

#include "host/support/error.hpp"

namespace phigrad {
namespace {

constexpr std::size_t kLongestPlainKey = 64;

bool is_plain(std::string_view name) {
  return !name.empty() && name.size() <= kLongestPlainKey &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return std::isalnum(c) != 0 || c == '_' || c == '-' || c == '$';
         });
}

}  // namespace

Place Place::extended(std::string part) const {
  Place place(document_);
  place.path_ = path_.empty() ? std::move(part) : path_ + "." + part;
  return place;
}

Place Place::key(std::string_view name) const {
  return extended(is_plain(name) ? std::string(name) : shown(name));
}

Place Place::index(std::size_t i) const { return extended(std::to_string(i)); }

std::string Place::text() const {
  if (path_.empty()) return document_;
  return document_.empty() ? path_ : document_ + ": " + path_;
}

void Place::fail(const std::string& problem, const std::string& remedy) const {
  throw Error(Exit::input, problem, text(), remedy);
}

std::string shown(std::string_view text, std::size_t limit) {
  const bool cut = text.size() > limit;
  const nlohmann::ordered_json string = std::string(text.substr(0, limit));
  std::string quoted = string.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace);
  if (cut) quoted += "...";
  return quoted;
}

std::string number_text(double value) {
  std::string text = nlohmann::ordered_json(value).dump();
  if (text.size() > 2 && text.compare(text.size() - 2, 2, ".0") == 0) text.resize(text.size() - 2);
  return text;
}

}  // namespace phigrad
