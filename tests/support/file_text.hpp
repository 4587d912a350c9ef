// Whole files as text.
#pragma once

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace phigrad::testing {

inline std::string read_text(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream(file, std::ios::binary).rdbuf();
  return text.str();
}

inline void write_text(const std::filesystem::path& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

}  // namespace phigrad::testing
