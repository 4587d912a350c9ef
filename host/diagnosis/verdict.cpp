#include "host/diagnosis/verdict.hpp"

#include <algorithm>
#include <cmath>

#include "host/diagnosis/cost_history.hpp"
#include "host/diagnosis/remedy.hpp"
#include "host/diagnosis/thresholds.hpp"
#include "host/diagnosis/trials.hpp"
#include "host/statistics/rounded.hpp"

namespace phigrad {
namespace {

namespace limit = thresholds;

class Judge {
 public:
  explicit Judge(const Evidence& evidence) : e_(evidence) {}

  std::vector<Verdict> verdicts() {
    judge_stream();
    judge_growth();
    judge_convergence();
    judge_bias();
    for (Verdict& v : judge_costs(e_.iterations)) all_.push_back(std::move(v));
    std::stable_sort(all_.begin(), all_.end(), [](const Verdict& a, const Verdict& b) {
      return std::pair(a.severity, a.trouble) < std::pair(b.severity, b.trouble);
    });
    return std::move(all_);
  }

 private:
  void add(Trouble trouble, Severity severity, const std::string& which,
           const std::string& evidence, const std::string& remedy) {
    all_.push_back({trouble, severity, which, evidence, remedy, std::nullopt});
  }
  void trouble(Trouble t, const std::string& which, const std::string& evidence,
               const std::string& remedy) {
    add(t, Severity::trouble, which, evidence, remedy);
  }

  void judge_stream() {
    const StreamNumbers& s = e_.stream;
    const Trouble t = Trouble::stream_fault;
    const auto of = [&](std::int64_t n) {
      return std::to_string(n) + " in " + std::to_string(s.rollouts) + " rollouts, first: ";
    };
    if (s.non_finite > 0) {
      trouble(t, "numbers that are not finite", of(s.non_finite) + s.first_non_finite,
              "find the sensor or estimator that gives them; such rollouts are never learned from");
    }
    if (s.gaps > 0) {
      trouble(t, "jumps of the clock", of(s.gaps) + s.first_gap,
              "take sample times from one monotonic clock, and look for lost rows");
    }
    if (s.segments_apart > 0) {
      trouble(t, "segments disagree", of(s.segments_apart) + s.first_segment_apart,
              "let the robot report where each segment starts, in its own samples");
    }
    const double share =
        s.commands > 0 ? static_cast<double>(s.commands_off) / static_cast<double>(s.commands) : 0;
    if (s.commands_off > 0) {
      add(t, share > limit::commands_off ? Severity::trouble : Severity::note,
          "commands differ from recomputed ones",
          percent(share) + " of " + std::to_string(s.commands) + " commands (" +
              percent(limit::commands_off) + " are borne), first: " + s.first_command_off,
          "check that robot and config have the same gains, limits and policy version");
    }
    if (!s.quarantined.empty()) {
      trouble(t, "rollouts quarantined",
              std::to_string(s.quarantined.size()) + " reasons, first: " + s.quarantined.front(),
              "drive them again; they are left out of every mean");
    }
  }

  std::string trials() const {
    std::string text;
    for (const RemedyTrial& t : e_.trials) {
      if (!t.calm()) continue;
      text += set_text(t.set) + " was tried: alpha";
      if (t.alpha_model) text += " " + rounded(*t.alpha_model) + " (model)";
      if (t.alpha_plant) text += " " + rounded(*t.alpha_plant) + " (real)";
      text += "; ";
    }
    return text;
  }

  void judge_growth() {
    const bool model = unstable(e_.alpha_model, e_.steps);
    const bool plant = unstable(e_.alpha_plant, e_.steps);
    if (!model && !plant) {
      if (e_.left_the_numbers > 0) {
        trouble(Trouble::exploding_gradient, "rollouts leave the numbers",
                std::to_string(e_.left_the_numbers) + " of " + std::to_string(e_.rollouts) +
                    " gradients are not finite",
                "shorten the chain, lower rollout.dt_s, or change the controller");
      }
      return;
    }
    const double largest =
        std::max(model ? e_.alpha_model->value : 1, plant ? e_.alpha_plant->value : 1);
    std::string evidence;
    if (e_.alpha_model) evidence += "alpha of the model's loop " + rounded(*e_.alpha_model);
    if (e_.alpha_plant) evidence += ", of the real loop " + rounded(*e_.alpha_plant);
    evidence += "; over the " + std::to_string(e_.reach) + " steps of the chain a factor of 10^" +
                rounded(e_.reach * std::log10(largest));
    const int steps = steps_of_growth(largest);
    std::string remedy = trials();
    if (remedy.empty()) remedy = "change the controller until alpha < 1; ";
    remedy += steps >= 1 ? "gradient.truncate_steps=" + std::to_string(steps) +
                               " or fewer keeps the growth below " + rounded(limit::growth)
                         : "no truncation helps: one step grows by " + rounded(largest);
    trouble(Trouble::exploding_gradient,
            model && plant ? "both loops" : (model ? "the model's loop" : "the real loop"),
            evidence, remedy);
  }

  void judge_bias() {
    if (!e_.cosine || !(e_.cosine->value < limit::cosine)) return;
    // Without an interval, or with one that reaches further, chance may have turned it.
    if (!(e_.cosine->high < limit::cosine)) return;
    const bool of_model = e_.cosine_of_model && e_.cosine_of_model->value < limit::cosine;
    const bool of_chain = e_.cosine_of_chain && e_.cosine_of_chain->value < limit::cosine;
    std::string evidence = "cosine to the real system's gradient " + rounded(*e_.cosine);
    if (e_.cosine_of_model && e_.cosine_of_chain) {
      evidence += ": the model's part " + rounded(e_.cosine_of_model->value) + ", the chain's " +
                  rounded(e_.cosine_of_chain->value);
    }
    // Where inputs or outputs pass no gradient, what is left of it is short of itself.
    const bool blocked = of_chain && !of_model && passes_none_;
    if (blocked) evidence += "; where inputs or outputs pass no gradient that is no surprise";
    add(Trouble::high_bias, blocked ? Severity::note : Severity::trouble,
        of_model && of_chain ? "the model and the short chain"
                             : (of_chain ? "the short chain" : "the model"),
        evidence,
        of_chain && !of_model
            ? "lengthen the chain: gradient.chain \"rollout\", or a larger truncate_steps"
            : "mend the model; phigrad identify suggests parameters where the robot has equations");
  }

  void judge_convergence() {
    const Trouble t = Trouble::slow_convergence;
    for (const NamedNumber& input : e_.saturated_inputs) {
      if (!(input.value > limit::saturated)) continue;
      passes_none_ = true;
      trouble(t, input.name + " saturated",
              input.name + " stands at its limit in " + percent(input.value) +
                  " of the samples, where no gradient passes",
              "widen the limits, lower the gains, or slow the task down");
    }
    std::string dead;
    int n_dead = 0;
    for (const NamedNumber& o : e_.output_slopes) {
      if (!(o.value < limit::dead_slope)) continue;
      dead += (n_dead++ > 0 ? ", " : "") + o.name;
    }
    const auto outputs = static_cast<double>(e_.output_slopes.size());
    if (n_dead > 0) {
      const bool many = n_dead >= limit::dead_outputs * outputs;
      passes_none_ = passes_none_ || many;
      add(t, many ? Severity::trouble : Severity::note, "dead outputs",
          std::to_string(n_dead) + " of " + std::to_string(e_.output_slopes.size()) +
              " outputs pass on less than " + percent(limit::dead_slope) +
              " of a gradient: " + dead,
          "start from a fresh policy with a shorter step, or raise policy.scales");
    }
    if (e_.gradient_is_zero) {
      trouble(t, "no gradient", "the gradient is exactly zero",
              "the policy moves nothing that costs: check policy, limits and objective");
    }
    judge_line();
  }

  void judge_line() {
    if (!e_.line) return;
    const std::vector<double>& cost = e_.line->cost;
    std::size_t best = 0;
    for (std::size_t i = 1; i < cost.size(); ++i) {
      if (cost[i] < cost[best]) best = i;
    }
    const double attainable = cost[0] - cost[best];
    const double pace = std::max(cost[0] - cost[1], 0.0);
    if (best < 2 || !(attainable > limit::attainable * std::abs(cost[0]))) return;
    if (!(e_.planned_updates * pace < limit::reached * attainable)) return;
    const double multiple = e_.line->multiple[best];
    trouble(Trouble::slow_convergence, "the step is too small",
            "a step " + rounded(multiple) + " times as long takes " +
                percent(attainable / cost[0]) + " off the cost, this one " +
                percent(pace / cost[0]) + ": too little for " + std::to_string(e_.planned_updates) +
                " updates",
            "raise optimiser.step, in factors of 4; up to " + rounded(multiple) +
                " times held along this gradient");
  }

  const Evidence& e_;
  bool passes_none_ = false;  // inputs saturated or outputs dead
  std::vector<Verdict> all_;
};

}  // namespace

std::vector<Verdict> judge(const Evidence& evidence) { return Judge(evidence).verdicts(); }

const char* name_of(Trouble trouble) {
  constexpr const char* names[] = {"stream or log fault", "exploding gradient", "high bias",
                                   "slow convergence", "relapse"};
  return names[static_cast<int>(trouble)];
}

std::string line_of(const Verdict& v) {
  std::string where;
  if (v.iterations) {
    where = v.iterations->first == v.iterations->second
                ? ", iteration " + std::to_string(v.iterations->first)
                : ", iterations " + std::to_string(v.iterations->first) + " to " +
                      std::to_string(v.iterations->second);
  }
  return std::string(name_of(v.trouble)) + (v.which.empty() ? "" : " (" + v.which + ")") + where +
         ": " + v.evidence;
}

}  // namespace phigrad
