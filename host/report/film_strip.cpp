#include "host/report/film_strip.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "host/report/markup.hpp"

namespace phigrad {
namespace {

constexpr double side = 100;   // of a frame, in the picture's units
constexpr double label = 16;   // height of the times above
constexpr double margin = 10;  // within a frame

/// The largest distance from the origin of anything that is drawn.
double reach_of(const FilmStrip& strip) {
  double reach = 1e-9;
  const auto add = [&](const Points& points) {
    for (const std::array<double, 2>& p : points) {
      if (std::isfinite(p[0] + p[1])) reach = std::max({reach, std::abs(p[0]), std::abs(p[1])});
    }
  };
  add(strip.goals);
  for (const FilmRow& row : strip.rows) {
    for (const Points& frame : row.frames) add(frame);
  }
  return reach;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", value);
  return text;
}

/// Where a frame's origin is, and how long a metre.
struct Frame {
  double x, y, scale;

  std::string at(const std::array<double, 2>& p) const {
    return number(x + scale * p[0]) + "," + number(y - scale * p[1]);
  }
};

std::string drawn(const Frame& frame, const Points& joints, const Points& goals, int colour) {
  std::string svg;
  for (const std::array<double, 2>& goal : goals) {
    const double gx = frame.x + frame.scale * goal[0], gy = frame.y - frame.scale * goal[1];
    svg +=
        "<path class=\"goal\" d=\"M" + number(gx - 4) + " " + number(gy - 4) + "l8 8m0 -8l-8 8\"/>";
  }
  std::string line;
  for (const std::array<double, 2>& p : joints) {
    if (std::isfinite(p[0] + p[1])) line += (line.empty() ? "" : " ") + frame.at(p);
  }
  const std::string hue = "style=\"--colour:var(--c" + std::to_string(colour) + ")\"";
  svg += "<polyline class=\"links\" " + hue + " points=\"" + line + "\"/>";
  for (const std::array<double, 2>& p : joints) {
    if (!std::isfinite(p[0] + p[1])) continue;
    svg += "<circle class=\"joint\" " + hue + " r=\"3\" cx=\"" +
           number(frame.x + frame.scale * p[0]) + "\" cy=\"" +
           number(frame.y - frame.scale * p[1]) + "\"/>";
  }
  return svg;
}

}  // namespace

std::vector<std::size_t> frame_indices(std::size_t states, std::size_t frames) {
  std::vector<std::size_t> indices;
  for (std::size_t i = 0; i < std::min(states, frames); ++i) {
    indices.push_back(frames < 2 ? 0 : i * (states - 1) / (std::min(states, frames) - 1));
  }
  return indices;
}

std::string FilmStrip::html() const {
  const double scale = (side / 2 - margin) / reach_of(*this);
  const double width = side * static_cast<double>(times.size());
  const double height = label + side * static_cast<double>(rows.size());
  std::string svg = "<svg viewBox=\"0 0 " + number(width) + " " + number(height) +
                    "\" role=\"img\" aria-label=\"" + escape_html(title) + "\">";
  for (std::size_t i = 0; i < times.size(); ++i) {
    svg += "<text x=\"" + number(side * (static_cast<double>(i) + 0.5)) +
           "\" y=\"11\" text-anchor=\"middle\">" + escape_html(times[i]) + "</text>";
  }
  std::string key;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    const int colour = r == 0 && rows.size() > 1 ? 1 : 0;  // as in the paths: before, after
    key += "<li><i class=\"curve\" style=\"--colour:var(--c" + std::to_string(colour) + ")\"></i>" +
           escape_html(rows[r].name) + "</li>";
    for (std::size_t i = 0; i < rows[r].frames.size(); ++i) {
      const Frame frame{side * (static_cast<double>(i) + 0.5),
                        label + side * (static_cast<double>(r) + 0.5), scale};
      svg += drawn(frame, rows[r].frames[i], goals, colour);
    }
  }
  return "<figure id=\"" + escape_html(id) + "\" class=\"strip\"><div class=\"title\"><h2>" +
         escape_html(title) + "</h2></div><ul class=\"key\">" + key +
         "</ul><div class=\"scroll\">" + svg +
         "</svg></div><figcaption>From the base to the tip, all frames to one scale" +
         (goals.empty() ? "" : "; a cross is where the tip shall be") + ".</figcaption></figure>";
}

}  // namespace phigrad
