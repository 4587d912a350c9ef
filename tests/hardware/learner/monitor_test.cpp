// The view of live training: what a person needs to see is there, on a terminal and in a log.
#include "hardware/learner/monitor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

namespace phigrad {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

LiveStatus some_status() {
  LiveStatus s;
  s.endpoint = "tcp://127.0.0.1:5555";
  s.iteration = 3;
  s.iterations = 15;
  s.collected = 1;
  s.wanted = 2;
  s.segments = 156;
  s.cost = 1773.59;
  s.path_error = 0.31;
  s.gradient_norm = 42.5;
  s.robots["car1"] = {true, true, 17, 4, 546, 78};
  s.robots["car2"] = {};
  return s;
}

/// What a monitor wrote.
class Written {
 public:
  Written() : file_(open_memstream(&text_, &size_)) {}
  Written(const Written&) = delete;
  Written& operator=(const Written&) = delete;
  ~Written() {
    std::fclose(file_);
    std::free(text_);
  }
  std::FILE* file() const { return file_; }
  /// Since the last call.
  std::string take() {
    std::fflush(file_);
    const std::string all(text_, size_);
    const std::string fresh = all.substr(taken_);
    taken_ = all.size();
    return fresh;
  }

 private:
  char* text_ = nullptr;
  std::size_t size_ = 0;
  std::size_t taken_ = 0;
  std::FILE* file_;
};

constexpr Monitor::Clock::time_point start{std::chrono::hours(1)};

// Breaks when a number is left out, or stands for another.
TEST(Monitor, SaysHowFarThingsAre) {
  EXPECT_THAT(
      monitor_lines(some_status()),
      ElementsAre(
          "iteration 4/15   rollouts 1/2   listening at tcp://127.0.0.1:5555",
          "cost 1773.6   path error 0.3100 m   |g| 42.5",
          "car1   [##########..........] rollout 17, policy 4, 78/156 segments, 546 samples",
          "car2   not connected"));
  LiveStatus s = some_status();
  s.robots["car1"].driving = false;
  s.robots.erase("car2");
  s.gradient_norm = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(monitor_lines(s)[1], HasSubstr("no update"));
  EXPECT_EQ(monitor_lines(s)[2], "car1   connected");
  EXPECT_THAT(
      monitor_lines(LiveStatus{}),
      ElementsAre(HasSubstr("iteration 1/0"), "no iteration is finished yet", "no robot yet"));
  s.robots["car1"] = {true, true, 1, 1, 0, 500};
  EXPECT_THAT(monitor_lines(s)[2], HasSubstr("[####################]")) << "longer than the config";
}

// Breaks when a terminal is written to too often, scrolls instead of being redrawn, or keeps lines
// of a longer block; or when news wait or appear twice.
TEST(Monitor, RedrawsABlockOnATerminal) {
  Written written;
  Monitor monitor(written.file(), true);
  LiveStatus s = some_status();
  monitor.show(s, start);
  EXPECT_EQ(written.take().find("\033[4A"), std::string::npos) << "nothing is above yet";
  monitor.show(s, start + std::chrono::milliseconds(50));
  EXPECT_EQ(written.take(), "");
  s.news = {"car2 joined"};
  monitor.show(s, start + std::chrono::milliseconds(60));
  const std::string drawn = written.take();
  EXPECT_EQ(drawn.rfind("\033[4A\r\033[Jcar2 joined\n", 0), 0U) << drawn;
  EXPECT_TRUE(s.news.empty());
  s.robots.erase("car2");
  monitor.show(s, start + std::chrono::milliseconds(200));
  EXPECT_EQ(written.take().find("car2"), std::string::npos);
  monitor.finish(s);
  EXPECT_EQ(written.take().rfind("\033[3A", 0), 0U);
}

// Breaks when a log gets control sequences, the same block over and over, or news with delay.
TEST(Monitor, WritesPlainLinesElsewhere) {
  Written written;
  Monitor monitor(written.file(), false);
  LiveStatus s = some_status();
  monitor.show(s, start);
  const std::string first = written.take();
  EXPECT_THAT(first, HasSubstr("iteration 4/15"));
  EXPECT_EQ(first.find('\033'), std::string::npos);
  monitor.show(s, start + std::chrono::seconds(6));
  EXPECT_EQ(written.take(), "") << "nothing has changed";
  s.news = {"car2 joined"};
  s.collected = 2;
  monitor.show(s, start + std::chrono::seconds(7));
  EXPECT_EQ(written.take(), "car2 joined\n");
  monitor.show(s, start + std::chrono::seconds(12));
  EXPECT_THAT(written.take(), HasSubstr("rollouts 2/2"));
}

}  // namespace
}  // namespace phigrad
