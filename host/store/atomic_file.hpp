// Whole-file writes that a crash cannot tear.
#pragma once

#include <filesystem>
#include <string_view>

namespace phigrad {

/// Replaces `file` by `text`: a reader sees the old content or the new, never a part, also after
/// kill -9 or power loss (temporary file beside it, fsync, rename, fsync of the folder).
/// Throws Error(Exit::input) when the file cannot be written; the old content then stays.
void write_file_atomically(const std::filesystem::path& file, std::string_view text);

/// Removes what writers of `file` that were killed left beside it. For its only writer.
void remove_unfinished_writes(const std::filesystem::path& file);

/// Makes a rename or a new file in `directory` durable; file systems that cannot are let pass.
void sync_directory(const std::filesystem::path& directory);

}  // namespace phigrad
