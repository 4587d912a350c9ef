#include "host/study/study_figures.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "host/config/place.hpp"
#include "host/report/markup.hpp"

namespace phigrad {
namespace {

using nlohmann::ordered_json;

constexpr double missing = std::numeric_limits<double>::quiet_NaN();
const std::string unnamed = "all cells";  // of a curve that holds nothing

struct Drawn {
  const char* quantity;
  const char* title;
  const char* what;
  const char* bands = nullptr;  // if not intervals
};
const std::string stable_step = "step_observed";
constexpr Drawn drawn[] = {
    {"variance", "Variance of the gradient",
     "Trace of the covariance of one trajectory's gradient"},
    {"update_variance", "Variance of an update",
     "Trace of the covariance of the mean over rollout.per_update trajectories"},
    {"bias", "Bias of the gradient",
     "Distance of the mean gradient from that with the plant's own derivatives"},
    {"curvature", "Largest curvature", "Largest curvature of the cost in the policy's parameters"},
    {"gradient_lipschitz", "Lipschitz constant of the gradient",
     "Largest change of the cost's gradient over a change of the parameters of length "
     "study.smoothness_radius, a part of it"},
    {"step_observed", "Largest stable step",
     "Largest step with which gradient descent never comes above the cost where it began, and, "
     "dotted, 2 over the curvature",
     "reach up to the next step that was tried"},
    {"gradient_norm", "Norm of the mean gradient", "Norm of the mean gradient"},
};

std::string percent_text(double part) { return number_text(100 * part) + "\u202f%"; }

/// A cell's numbers on a line: where on the abscissa, and which line.
struct Spot {
  double x;
  std::string held;
  const ordered_json* quantities;
};

/// Curves of one quantity over the xs of an abscissa, by what is held.
class QuantityFigure {
 public:
  QuantityFigure(const StudyPlan& plan, const std::vector<ordered_json>& rows,
                 const std::vector<StudyFit>& fits, const Abscissa& abscissa, const Drawn& what)
      : plan_(plan), fits_(fits), abscissa_(abscissa), what_(what) {
    std::set<double> xs;
    for (const ordered_json& row : rows) {
      const ordered_json& x = row.at("keys").at(abscissa.key);
      if (!x.is_number() || !row.contains("quantities")) continue;
      const ordered_json held = abscissa.held_of(row["keys"]);
      if (std::find(held_.begin(), held_.end(), held) == held_.end()) held_.push_back(held);
      spots_.push_back({x.get<double>(), held.dump(), &row["quantities"]});
      xs.insert(spots_.back().x);
    }
    x_.assign(xs.begin(), xs.end());
  }

  /// Nothing to see: false.
  bool make(const std::string& id, CurvesFigure& figure) {
    figure.id = id;
    figure.title = what_.title;
    figure.x = x_;
    figure.x_title = abscissa_.key;
    figure.logarithmic_ratio = 3;
    const bool steps = what_.quantity == stable_step;
    std::size_t left_out = add_curves(figure, what_.quantity, steps ? "observed" : "");
    if (what_.quantity == std::string("variance")) {
      left_out += add_likelihood_ratio(figure);
    }
    if (figure.series.empty()) return false;
    const std::string bands = bands_text(figure);
    figure.x_logarithmic =
        x_.front() > 0 && (powers_ > 0 ? powers_ >= exponentials_
                                       : exponentials_ == 0 && x_.back() >= 8 * x_.front());
    figure.caption = std::string(what_.what) + ", against " + abscissa_.key + bands + "." +
                     (laws_.empty() ? "" : " Thin dashes are fitted laws, " + laws_ + ".") +
                     (left_out == 0 ? ""
                                    : " " + std::to_string(left_out) +
                                          " more curves are not drawn: study.csv has them.");
    add_laws(figure);
    if (steps) add_predicted(figure);
    return true;
  }

 private:
  std::string bands_text(const CurvesFigure& figure) const {
    const bool banded =
        std::any_of(figure.series.begin(), figure.series.end(), [](const Series& s) {
          return std::any_of(s.low.begin(), s.low.end(), [](double v) { return std::isfinite(v); });
        });
    if (!banded) return "";
    if (what_.bands != nullptr) return std::string("; bands ") + what_.bands;
    return "; bands are " + percent_text(plan_.settings.confidence) + " intervals";
  }

  Series curve(const std::string& quantity, const ordered_json& held) const {
    Series s;
    s.name = keys_text(held);
    s.mean.assign(x_.size(), missing);
    s.low = s.high = s.mean;
    for (const Spot& spot : spots_) {
      const auto e = spot.quantities->find(quantity);
      if (spot.held != held.dump() || e == spot.quantities->end()) continue;
      const auto i =
          static_cast<std::size_t>(std::lower_bound(x_.begin(), x_.end(), spot.x) - x_.begin());
      const auto number = [&](const char* key) {
        return e->at(key).is_null() ? missing : e->at(key).get<double>();
      };
      s.mean[i] = number("value");
      s.low[i] = number("low");
      s.high[i] = number("high");
    }
    return s;
  }

  static bool worth_drawing(const Series& s) {
    return std::count_if(s.mean.begin(), s.mean.end(), [](double v) { return std::isfinite(v); }) >
           1;
  }

  /// How many curves found no place.
  std::size_t add_curves(CurvesFigure& figure, const std::string& quantity,
                         const std::string& before) {
    std::vector<const ordered_json*> known;
    std::vector<Series> curves;
    for (const ordered_json& held : held_) {
      Series s = curve(quantity, held);
      if (!worth_drawing(s)) continue;
      curves.push_back(std::move(s));
      known.push_back(&held);
    }
    const std::size_t room = most_curves - std::min(figure.series.size(), most_curves);
    for (const std::size_t i : shown_of(curves.size(), room)) {
      curves[i].name =
          before + (before.empty() || curves[i].name.empty() ? "" : ", ") + curves[i].name;
      if (curves[i].name.empty()) curves[i].name = unnamed;
      figure.colours.push_back(static_cast<int>(figure.series.size()));
      figure.series.push_back(std::move(curves[i]));
      held_drawn_.push_back(known[i]);
      note_law(figure, quantity, *known[i]);
    }
    return curves.size() - std::min(curves.size(), room);
  }

  /// The zeroth-order estimate beside ours: once where what is held does not matter to it.
  std::size_t add_likelihood_ratio(CurvesFigure& figure) {
    const std::string quantity = "likelihood_ratio_variance";
    const Series first = held_.empty() ? Series{} : curve(quantity, held_.front());
    const bool alike = std::all_of(held_.begin(), held_.end(), [&](const ordered_json& held) {
      return curve(quantity, held).mean == first.mean;
    });
    if (!alike) return add_curves(figure, quantity, "likelihood ratio");
    if (!worth_drawing(first)) return 0;
    if (figure.series.size() == most_curves) return 1;
    figure.colours.push_back(static_cast<int>(figure.series.size()));
    figure.series.push_back(first);
    figure.series.back().name = "likelihood ratio";
    note_law(figure, quantity, held_.front());
    return 0;
  }

  /// The predicted steps beside the observed ones, in their colours.
  void add_predicted(CurvesFigure& figure) const {
    for (std::size_t i = 0; i < held_drawn_.size(); ++i) {
      Series s = curve("step_predicted", *held_drawn_[i]);
      s.name = "predicted" + (s.name.empty() ? "" : ", " + s.name);
      s.line = Line::dotted;
      figure.colours.push_back(figure.colours[i]);
      figure.series.push_back(std::move(s));
    }
  }

  void note_law(const CurvesFigure& figure, const std::string& quantity, const ordered_json& held) {
    for (const StudyFit& f : fits_) {
      if (!f.better || f.quantity != quantity || f.key != abscissa_.key || f.held != held) continue;
      if (!(f.slope.low > 0 || f.slope.high < 0)) continue;  // no law; the table has it
      (f.exponential ? exponentials_ : powers_) += 1;
      const std::string& name = figure.series.back().name;
      laws_ += (laws_.empty() ? "" : "; ") + (name == unnamed ? "" : name + " ~ ") + law_text(f);
      fitted_.push_back({figure.series.size() - 1, &f});
    }
  }

  /// Each law through the middle of its points.
  void add_laws(CurvesFigure& figure) const {
    for (const auto& [index, fit] : fitted_) {
      const auto abscissa = [fit = fit](double x) { return fit->exponential ? x : std::log(x); };
      const Series& points = figure.series[index];
      double x = 0, y = 0, n = 0;
      for (std::size_t i = 0; i < x_.size(); ++i) {
        if (!(points.mean[i] > 0)) continue;
        x += abscissa(x_[i]);
        y += std::log(points.mean[i]);
        ++n;
      }
      Series law;
      law.name = points.name;
      law.line = Line::dashed;
      law.aside = true;
      for (const double at : x_) {
        law.mean.push_back(std::exp(y / n + fit->slope.value * (abscissa(at) - x / n)));
      }
      figure.colours.push_back(figure.colours[index]);
      figure.series.push_back(std::move(law));
    }
  }

  const StudyPlan& plan_;
  const std::vector<StudyFit>& fits_;
  const Abscissa& abscissa_;
  const Drawn& what_;
  std::vector<double> x_;
  std::vector<ordered_json> held_;
  std::vector<const ordered_json*> held_drawn_;  // of the figure's first series
  std::vector<Spot> spots_;
  std::vector<std::pair<std::size_t, const StudyFit*>> fitted_;
  std::string laws_;
  int powers_ = 0, exponentials_ = 0;
};

std::string value_text(const ordered_json& value) {
  if (value.is_number()) return number_text(value.get<double>());
  if (value.is_string()) return value.get<std::string>();
  if (value.is_object() && value.contains("type") && value["type"].is_string()) {
    return value["type"].get<std::string>();
  }
  return value.dump();
}

}  // namespace

std::vector<std::size_t> shown_of(std::size_t count, std::size_t most) {
  std::vector<std::size_t> shown;
  const std::size_t n = std::min(count, most);
  for (std::size_t i = 0; i < n; ++i) {
    shown.push_back(n == 1 ? 0 : (2 * i * (count - 1) + (n - 1)) / (2 * (n - 1)));
  }
  return shown;
}

std::string keys_text(const ordered_json& keys) {
  std::string text;
  for (const auto& [key, value] : keys.items()) {
    text += (text.empty() ? "" : ", ") + key + " " + value_text(value);
  }
  return text;
}

std::string law_text(const StudyFit& fit) {
  const std::string slope = short_number(fit.slope.value);
  return (fit.exponential ? "exp(" + slope + " " + fit.key + ")" : fit.key + "^" + slope) + " (" +
         short_number(fit.slope.low) + " to " + short_number(fit.slope.high) + ")";
}

std::string interval_html(const Estimate& e) {
  std::string html = short_number(e.value);
  if (std::isfinite(e.low) && std::isfinite(e.high)) {
    html += " <small>(" + short_number(e.low) + " to " + short_number(e.high) + ")</small>";
  }
  return html;
}

std::vector<CurvesFigure> quantity_figures(const StudyPlan& plan,
                                           const std::vector<ordered_json>& rows,
                                           const std::vector<StudyFit>& fits) {
  std::vector<CurvesFigure> figures;
  const std::vector<Abscissa> against = abscissae(plan);
  for (std::size_t a = 0; a < against.size(); ++a) {
    for (const Drawn& what : drawn) {
      CurvesFigure figure{};
      const std::string id = std::string(what.quantity) + "-" + std::to_string(a);
      if (QuantityFigure(plan, rows, fits, against[a], what).make(id, figure)) {
        figures.push_back(std::move(figure));
      }
    }
  }
  return figures;
}

}  // namespace phigrad
