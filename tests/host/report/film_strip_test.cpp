// Frames of a mechanism in the report.
#include "host/report/film_strip.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "tests/host/report/occurrences.hpp"

namespace phigrad {
namespace {

FilmStrip arm() {
  FilmStrip strip;
  strip.id = "film";
  strip.title = "Motion <b>";
  strip.times = {"0 s", "1 s"};
  strip.goals = {{2, 0}};
  strip.rows = {{"before", {{{0, 0}, {0, -1}, {0, -2}}, {{0, 0}, {1, 0}, {2, 0}}}},
                {"after", {{{0, 0}, {0, -1}, {0, -2}}, {{0, 0}, {0, 1}, {0, 2}}}}};
  return strip;
}

// Breaks when frames have scales of their own, up is down, or a row is in another's colour.
TEST(FilmStrip, DrawsEveryFrameToOneScale) {
  const std::string html = arm().html();
  // 40 units are two metres about the middle of a frame of 100, below 16 of times.
  EXPECT_NE(html.find("points=\"50.0,66.0 50.0,86.0 50.0,106.0\""), std::string::npos) << html;
  EXPECT_NE(html.find("points=\"150.0,66.0 170.0,66.0 190.0,66.0\""), std::string::npos);
  EXPECT_NE(html.find("points=\"150.0,166.0 150.0,146.0 150.0,126.0\""), std::string::npos);
  EXPECT_EQ(occurrences(html, "<polyline"), 4);
  EXPECT_EQ(occurrences(html, "class=\"goal\""), 4);
  EXPECT_EQ(occurrences(html, "<circle"), 12);
  EXPECT_NE(html.find("Motion &lt;b&gt;"), std::string::npos);
  EXPECT_LT(html.find("--c1"), html.find("--c0"));
}

// Breaks when what is not finite reaches the picture.
TEST(FilmStrip, LeavesOutWhatIsNoNumber) {
  FilmStrip strip = arm();
  strip.rows[0].frames[1][2] = {std::numeric_limits<double>::quiet_NaN(), 0};
  strip.rows[1].frames[1][1] = {std::numeric_limits<double>::infinity(), 0};
  const std::string html = strip.html();
  EXPECT_EQ(html.find("nan"), std::string::npos);
  EXPECT_EQ(html.find("inf"), std::string::npos);
  EXPECT_EQ(occurrences(html, "<circle"), 10);
}

// Breaks when the first or the last state is not shown, or there are fewer states than frames.
TEST(FilmStrip, ShowsBothEnds) {
  EXPECT_EQ(frame_indices(301, 7), (std::vector<std::size_t>{0, 50, 100, 150, 200, 250, 300}));
  EXPECT_EQ(frame_indices(3, 7), (std::vector<std::size_t>{0, 1, 2}));
  EXPECT_EQ(frame_indices(5, 1), (std::vector<std::size_t>{0}));
  EXPECT_TRUE(frame_indices(0, 7).empty());
}

}  // namespace
}  // namespace phigrad
