// JSON text from outside: parsed with caps, so that no file can exhaust the stack or the memory.
#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace phigrad {

/// What parse_json accepts at most. The number of values bounds the memory: an empty string takes
/// 3 bytes of text and 64 of memory.
struct JsonCaps {
  std::size_t bytes = std::size_t{16} << 20;
  std::size_t depth = 32;
  std::size_t values = std::size_t{1} << 20;
};

/// Parses one JSON document (RFC 8259: no comments, no NaN, no duplicate keys), keys in the order
/// of the text. `place` names the text in errors. Throws Error(Exit::input) with line and column,
/// both from 1, columns in characters.
nlohmann::ordered_json parse_json(std::string_view text, const std::string& place,
                                  const JsonCaps& caps = {});

/// parse_json of a file. Throws Error(Exit::input) also when the file cannot be read.
nlohmann::ordered_json read_json(const std::string& path, const JsonCaps& caps = {});

}  // namespace phigrad
