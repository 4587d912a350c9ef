#include "host/cli/progress.hpp"

#include <unistd.h>

#include <cmath>
#include <cstdio>

namespace phigrad {
namespace {

/// Plain lines are at least this far apart, but for the first and the last.
constexpr double plain_interval_s = 1.0;
constexpr double terminal_interval_s = 0.05;

}  // namespace

ProgressLine::ProgressLine()
    : begin_(std::chrono::steady_clock::now()),
      last_shown_(begin_ - std::chrono::hours(1)),
      terminal_(isatty(STDERR_FILENO) != 0) {}

double ProgressLine::seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
}

void ProgressLine::line(bool last, const std::function<std::string()>& text) {
  const auto now = std::chrono::steady_clock::now();
  const double since = std::chrono::duration<double>(now - last_shown_).count();
  if (!last && since < (terminal_ ? terminal_interval_s : plain_interval_s)) return;
  last_shown_ = now;
  std::fprintf(stderr, "%s%s%s", terminal_ ? "\r\033[K" : "", text().c_str(),
               terminal_ ? "" : "\n");
  std::fflush(stderr);
  open_line_ = terminal_;
}

void ProgressLine::finish() {
  if (open_line_) std::fputc('\n', stderr);
  open_line_ = false;
}

void Progress::show(const IterationReport& r) {
  line_.line(r.iteration + 1 == r.iterations, [&] {
    const int done = r.iteration + 1 - first_;
    const double left = seconds() / done * (r.iterations - r.iteration - 1);
    char path[64] = "";
    if (std::isfinite(r.path_error.mean)) {
      std::snprintf(path, sizeof path, "   path error %.4f m", r.path_error.mean);
    }
    char text[256];
    std::snprintf(text, sizeof text, "%4d/%d   cost %.5g%s   |g| %.3g   %s left", r.iteration + 1,
                  r.iterations, r.cost.mean, path, r.gradient_norm, duration_text(left).c_str());
    return std::string(text);
  });
}

std::string duration_text(double seconds) {
  char text[64];
  if (seconds < 60) {
    std::snprintf(text, sizeof text, "%.1f s", seconds);
  } else if (seconds < 3600) {
    std::snprintf(text, sizeof text, "%d min %d s", static_cast<int>(seconds) / 60,
                  static_cast<int>(seconds) % 60);
  } else {
    std::snprintf(text, sizeof text, "%d h %d min", static_cast<int>(seconds) / 3600,
                  static_cast<int>(seconds) / 60 % 60);
  }
  return text;
}

}  // namespace phigrad
