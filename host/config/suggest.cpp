#include "host/config/suggest.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>

#include "host/config/place.hpp"

namespace phigrad {
namespace {

constexpr std::size_t kLongestWord = 64;  // no key is longer; bounds the cost on hostile text

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return result;
}

// Optimal string alignment distance.
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> before_last(b.size() + 1), last(b.size() + 1), row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) last[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last[b.size()];
}

bool is_unit(std::string_view part) {
  static const std::array<std::string_view, 35> units = {
      "s",   "ms",  "us",    "ns",    "min",   "h",       "hz",      "khz",     "m",
      "m2",  "mm",  "cm",    "km",    "rad",   "s2",      "deg",     "kg",      "m3",
      "g",   "n",   "nm",    "v",     "a",     "w",       "j",       "c",       "pa",
      "mib", "per", "bytes", "steps", "ticks", "percent", "samples", "segments"};
  return std::find(units.begin(), units.end(), part) != units.end();
}

// The key without its unit: "turn_gain" of "turn_gain_per_m".
std::string stem_of(const std::string& key) {
  std::string stem = key;
  for (std::size_t at = stem.rfind('_'); at != std::string::npos && at > 0; at = stem.rfind('_')) {
    if (!is_unit(std::string_view(stem).substr(at + 1))) break;
    stem.resize(at);
  }
  return stem;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

std::optional<std::string> closest(std::string_view word, const std::vector<std::string>& known) {
  if (word.size() > kLongestWord) return std::nullopt;
  const std::string wanted = lower(word);
  std::optional<std::string> best;
  std::size_t best_distance = std::max<std::size_t>(1, word.size() / 3) + 1;
  for (const std::string& candidate : known) {
    const std::string whole = lower(candidate);
    const std::string stem = stem_of(whole);
    const std::size_t distance =
        std::min(edit_distance(wanted, whole), edit_distance(wanted, stem));
    if (distance < best_distance && distance < stem.size()) {
      best_distance = distance;
      best = candidate;
    }
  }
  return best;
}

std::string remedy_for_key(std::string_view key, const std::vector<std::string>& known) {
  for (const std::string& candidate : known) {
    const std::string stem = stem_of(candidate);
    if (stem != candidate && stem == key) {
      return "keys carry their unit: write '" + candidate + "'";
    }
  }
  if (const auto best = closest(key, known)) return "did you mean '" + *best + "'?";
  if (known.empty()) return "no key is allowed here";
  return "known keys: " + joined(known);
}

std::string remedy_for_word(std::string_view word, const std::vector<std::string>& known) {
  if (const auto best = closest(word, known)) return "did you mean " + shown(*best) + "?";
  return "write one of: " + joined(known);
}

}  // namespace phigrad
