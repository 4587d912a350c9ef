// Where in a document something stands, as every error of the config machinery prints it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace phigrad {

/// A document's name and the path of one value in it: `car.json: rollout.start.half_width.0`, the
/// path in the syntax of --set.
class Place {
 public:
  explicit Place(std::string document) : document_(std::move(document)) {}

  Place key(std::string_view name) const;
  Place index(std::size_t i) const;
  std::string text() const;

  /// Throws Error(Exit::input) at this place.
  [[noreturn]] void fail(const std::string& problem, const std::string& remedy) const;

 private:
  Place extended(std::string part) const;

  std::string document_;
  std::string path_;
};

/// Foreign text in double quotes, at most `limit` bytes of it, as printable ASCII on one line: an
/// error about a hostile file must not reach the terminal as escape sequences or as megabytes.
std::string shown(std::string_view text, std::size_t limit = 40);

/// The shortest decimal text that reads back to `value`, without a trailing ".0".
std::string number_text(double value);

}  // namespace phigrad
