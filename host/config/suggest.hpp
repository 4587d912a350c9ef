// What the user probably meant by an unknown word.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace phigrad {

/// The known word closest to `word` by edits (insert, delete, replace, swap of neighbours), case
/// and a unit at the end of the known word ignored; nothing when more than a third of `word` would
/// have to change.
std::optional<std::string> closest(std::string_view word, const std::vector<std::string>& known);

/// What to do about an unknown key: name the key whose unit was left off, or the closest key, or
/// list the known ones.
std::string remedy_for_key(std::string_view key, const std::vector<std::string>& known);

/// What to do about an unknown value of a key that takes one of a few words.
std::string remedy_for_word(std::string_view word, const std::vector<std::string>& known);

}  // namespace phigrad
