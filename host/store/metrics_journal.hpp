// metrics.jsonl: one JSON object a line for each iteration and policy, for other tools to read.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "host/store/file_descriptor.hpp"
#include "host/store/records.hpp"

namespace phigrad {

/// The lines of one iteration. What is not finite is null, JSON having no other word for it.
std::string metrics_lines(int iteration, const std::vector<Metric>& metrics);

/// The open file. It only repeats run.db, so it is rewritten from there on opening and needs no
/// syncing: a torn last line is gone after the next resume.
class MetricsJournal {
 public:
  /// Replaces `file` by the lines of `history` ([iteration][policy]) and opens it for appending.
  /// Throws Error(Exit::input) when it cannot be written.
  MetricsJournal(const std::filesystem::path& file,
                 const std::vector<std::vector<Metric>>& history);

  /// Throws Error(Exit::input) when it cannot be written.
  void append(int iteration, const std::vector<Metric>& metrics);

 private:
  std::filesystem::path path_;
  FileDescriptor file_;
};

}  // namespace phigrad
