// Lines for people that a hostile peer cannot turn into a flood.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace phigrad::link {

/// Lets one line a second of each kind pass, with the number of those that it held back.
class Remarks {
 public:
  /// `kind`: one of a few fixed words. None where the line is held back.
  std::optional<std::string> pass(const char* kind, const std::string& line,
                                  std::chrono::steady_clock::time_point now) {
    Kind& of_kind = kinds_[kind];
    if (of_kind.passed && now - *of_kind.passed < std::chrono::seconds(1)) {
      ++of_kind.held_back;
      return std::nullopt;
    }
    std::string text = line;
    if (of_kind.held_back > 0) {
      text += " (and " + std::to_string(of_kind.held_back) + " like it before)";
    }
    of_kind = {now, 0};
    return text;
  }

 private:
  struct Kind {
    std::optional<std::chrono::steady_clock::time_point> passed;
    std::uint64_t held_back = 0;
  };
  std::map<std::string, Kind> kinds_;
};

}  // namespace phigrad::link
