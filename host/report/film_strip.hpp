// A mechanism frame by frame, as a picture that needs no script.
#pragma once

#include <array>
#include <string>
#include <vector>

namespace phigrad {

using Points = std::vector<std::array<double, 2>>;  // m

/// One motion: the joints from the base to the tip at each frame.
struct FilmRow {
  std::string name;
  std::vector<Points> frames;
};

struct FilmStrip {
  std::string id, title;  // in the page
  std::vector<FilmRow> rows;
  std::vector<std::string> times;  // of the columns: "0.5 s"
  Points goals;

  /// A figure; all frames to one scale.
  std::string html() const;
};

/// Indices of `frames` states, evenly spaced from the first to the last.
std::vector<std::size_t> frame_indices(std::size_t states, std::size_t frames);

}  // namespace phigrad
