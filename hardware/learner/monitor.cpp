#include "hardware/learner/monitor.hpp"

#include <cmath>

namespace phigrad {
namespace {

constexpr std::chrono::milliseconds terminal_interval{100};
constexpr std::chrono::seconds plain_interval{5};
constexpr int bar_width = 20;  // characters

std::string formatted(const char* format, double value) {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string bar(std::uint64_t done, int all) {
  const double part = all > 0 ? std::fmin(1.0, static_cast<double>(done) / all) : 0.0;
  const auto full = static_cast<std::size_t>(std::lround(part * bar_width));
  return "[" + std::string(full, '#') + std::string(bar_width - full, '.') + "]";
}

std::string numbers_line(const LiveStatus& s) {
  if (std::isnan(s.cost)) return "no iteration is finished yet";
  std::string line = "cost " + formatted("%.5g", s.cost);
  if (!std::isnan(s.path_error)) line += "   path error " + formatted("%.4f m", s.path_error);
  return line + (std::isnan(s.gradient_norm) ? "   no update"
                                             : "   |g| " + formatted("%.3g", s.gradient_norm));
}

std::string robot_line(const std::string& name, const RobotStatus& r, int segments) {
  std::string line = name + "   ";
  if (!r.connected) return line + "not connected";
  if (!r.driving) return line + "connected";
  return line + bar(r.segments, segments) + " rollout " + std::to_string(r.rollout) + ", policy " +
         std::to_string(r.policy_version) + ", " + std::to_string(r.segments) + "/" +
         std::to_string(segments) + " segments, " + std::to_string(r.samples) + " samples";
}

}  // namespace

std::vector<std::string> monitor_lines(const LiveStatus& s) {
  std::vector<std::string> lines;
  lines.push_back("iteration " + std::to_string(s.iteration + 1) + "/" +
                  std::to_string(s.iterations) + "   rollouts " + std::to_string(s.collected) +
                  "/" + std::to_string(s.wanted) + "   listening at " + s.endpoint);
  lines.push_back(numbers_line(s));
  if (s.robots.empty()) lines.emplace_back("no robot yet");
  for (const auto& [name, robot] : s.robots) lines.push_back(robot_line(name, robot, s.segments));
  return lines;
}

void Monitor::show(LiveStatus& status, Clock::time_point now) {
  const bool due =
      last_ == Clock::time_point{} || now - last_ >= (terminal_ ? Clock::duration(terminal_interval)
                                                                : Clock::duration(plain_interval));
  if (!due && status.news.empty()) return;
  if (due) last_ = now;
  if (terminal_ || due) {
    draw(status);
    return;
  }
  for (const std::string& line : status.news) std::fprintf(out_, "%s\n", line.c_str());
  status.news.clear();
  std::fflush(out_);
}

void Monitor::draw(LiveStatus& status) {
  if (drawn_ > 0) std::fprintf(out_, "\033[%zuA\r\033[J", drawn_);
  for (const std::string& line : status.news) std::fprintf(out_, "%s\n", line.c_str());
  status.news.clear();
  std::string block;
  const std::vector<std::string> lines = monitor_lines(status);
  for (const std::string& line : lines) block += line + "\n";
  if (terminal_) {
    // Without wrapping: a line is a line, however narrow the terminal.
    std::fprintf(out_, "\033[?7l%s\033[?7h", block.c_str());
  } else if (block != last_block_) {
    std::fputs(block.c_str(), out_);
  }
  last_block_ = block;
  drawn_ = terminal_ ? lines.size() : 0;
  std::fflush(out_);
}

void Monitor::finish(LiveStatus& status) {
  draw(status);
  drawn_ = 0;
}

}  // namespace phigrad
