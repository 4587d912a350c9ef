// What the evidence says: the paper's four troubles (arXiv 2307.08168), and the relapses that
// come of them.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/diagnosis/evidence.hpp"

namespace phigrad {

/// In the order in which they are to be mended: what comes first spoils the numbers of the others.
enum class Trouble { stream_fault, exploding_gradient, high_bias, slow_convergence, relapse };

/// trouble: it needs mending; note: to be known, and no verdict on the run.
enum class Severity { trouble, note };

struct Verdict {
  Trouble trouble;
  Severity severity;
  std::string which;     // loop, cause: "the model's loop", "gap in the clock"
  std::string evidence;  // one line, with the numbers
  std::string remedy;    // one line
  std::optional<std::pair<int, int>> iterations;  // first and last
};

/// Troubles first, then notes, each in the order of Trouble; empty where nothing is to be said.
std::vector<Verdict> judge(const Evidence& evidence);

/// "exploding gradient"
const char* name_of(Trouble trouble);

/// "relapse, iterations 7 to 9: evidence; remedy"
std::string line_of(const Verdict& verdict);

}  // namespace phigrad
