#include "host/report/page_assets.hpp"

namespace phigrad {

const std::string_view page_script = R"js(
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const root = document.documentElement;
  const colour = name => getComputedStyle(root).getPropertyValue("--" + name).trim();
  const faint = hex => hex + "2e";
  const show = value => {
    if (value === null || !isFinite(value)) return "–";
    const rounded = +value.toPrecision(4);
    const text = Math.abs(rounded) < 1e6 ? String(rounded) : rounded.toExponential();
    return text.replaceAll("-", "−");
  };
  const finite = values => values.filter(value => value !== null);
  const charts = [];  // {chart, paint(chart)}: paint sets whatever depends on the colour scheme

  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  Chart.defaults.animation = false;
  Chart.defaults.maintainAspectRatio = false;
  Chart.defaults.plugins.legend.display = false;

  function axis(title, more) {
    return Object.assign({
      title: {display: true, text: title}, grid: {drawBorder: false, tickLength: 4},
      ticks: {maxRotation: 0}
    }, more);
  }

  function paint_axes(chart) {
    for (const scale of Object.values(chart.options.scales)) {
      scale.grid.color = colour("rule");
      scale.ticks.color = scale.title.color = colour("soft");
    }
    Object.assign(chart.options.plugins.tooltip, {
      backgroundColor: colour("card"), titleColor: colour("ink"), bodyColor: colour("ink"),
      borderColor: colour("rule"), borderWidth: 1, padding: 10, boxPadding: 4
    });
  }

  // The edges of the bands can reach below zero, where a logarithmic scale has no place: they are
  // cut at `floor`, a tenth of the smallest mean or the lowest edge, whichever is higher.
  function floor_of(series) {
    const smallest = pick => series.flatMap(pick).filter(value => value > 0)
      .reduce((a, b) => Math.min(a, b), Infinity);
    const mean = smallest(s => s.mean);
    return Math.max(mean / 10, Math.min(mean, smallest(s => s.low)));
  }

  const dashes = {curve: [], dashed: [6, 4], dotted: [2, 3]};

  function curve_datasets(spec, logarithmic) {
    const floor = logarithmic ? floor_of(spec.series) : -Infinity;
    const points = values => values.map((y, i) =>
      ({x: spec.x ? spec.x[i] : i, y: y === null ? null : Math.max(y, floor)}));
    const dots = spec.series[0].mean.length <= 30;
    return spec.series.flatMap(s => [
      {role: "low", data: points(s.low), borderWidth: 0, pointRadius: 0, pointHitRadius: 0},
      {role: "high", data: points(s.high), borderWidth: 0, pointRadius: 0, pointHitRadius: 0,
        fill: "-1"},
      {role: s.aside ? "aside" : "mean", series: s, data: points(s.mean), clip: 6,
        borderWidth: s.aside ? 1.5 : 2, borderDash: dashes[s.line], pointHitRadius: s.aside ? 0 : 1,
        pointRadius: dots && !s.aside ? 2 : 0, pointHoverRadius: s.aside ? 0 : 4,
        cubicInterpolationMode: s.aside ? "monotone" : "default", tension: 0}
    ].map(set => Object.assign(set, {hue: "c" + s.colour, order: set.role === "mean" ? 0 : 1})));
  }

  // Labels at 1, 2 and 5 in each decade, or at 1 alone when there are many decades.
  function log_label(value, index, ticks) {
    const decades = Math.log10(ticks[ticks.length - 1].value / ticks[0].value);
    const lead = value / 10 ** Math.floor(Math.log10(value) + 1e-9);
    const labelled = decades > 3 ? [1] : [1, 2, 5];
    return labelled.some(mark => Math.abs(lead - mark) < 1e-6) ? show(value) : null;
  }

  // Where a few values were swept over, they are the labels.
  function x_axis(spec) {
    const more = {ticks: {maxRotation: 0, maxTicksLimit: 9}};
    if (!spec.x) {
      return axis(spec.x_title, {type: "linear", min: 0,
        max: Math.max(1, spec.series[0].mean.length - 1),
        ticks: Object.assign(more.ticks, {precision: 0})});
    }
    Object.assign(more, {type: spec.x_logarithmic ? "logarithmic" : "linear",
      min: spec.x[0], max: spec.x[spec.x.length - 1]});
    more.ticks.callback = spec.x_logarithmic ? log_label : show;
    if (spec.x.length <= 8) {
      more.ticks = {maxRotation: 0, autoSkip: true, autoSkipPadding: 12, callback: show};
      more.afterBuildTicks = scale => { scale.ticks = spec.x.map(value => ({value})); };
    }
    return axis(spec.x_title, more);
  }

  function draw_curves(spec) {
    const figure = document.getElementById(spec.id);
    const y_axis = logarithmic => axis(spec.axis, logarithmic
      ? {type: "logarithmic", min: floor_of(spec.series), ticks: {callback: log_label}}
      : {type: "linear", beginAtZero: true, grace: "4%", ticks: {maxTicksLimit: 7, callback: show}});
    const chart = new Chart(figure.querySelector("canvas"), {
      type: "line",
      data: {datasets: []},
      options: {
        interaction: {mode: "index", intersect: false},
        scales: {
          x: x_axis(spec),
          y: axis(spec.axis, {})
        },
        plugins: {tooltip: {
          filter: item => item.dataset.role === "mean",
          callbacks: {
            title: items => items.length ? spec.x_title + " " + show(items[0].parsed.x) : "",
            label: item => {
              const s = item.dataset.series, i = item.dataIndex;
              return ` ${s.name}: ${show(s.mean[i])}` +
                (s.low.length ? ` (${show(s.low[i])} to ${show(s.high[i])})` : "");
            }
          }
        }}
      }
    });
    const paint = () => {
      for (const set of chart.data.datasets) {
        const hue = colour(set.hue);
        set.borderColor = set.pointBackgroundColor = set.pointBorderColor = hue;
        set.backgroundColor = set.role === "mean" ? hue : faint(hue);
      }
      paint_axes(chart);
      chart.update();
    };
    const use_scale = logarithmic => {
      chart.data.datasets = curve_datasets(spec, logarithmic);
      chart.options.scales.y = y_axis(logarithmic);
      for (const button of figure.querySelectorAll("button"))
        button.setAttribute("aria-pressed", String((button.value === "log") === logarithmic));
      paint();
    };
    for (const button of figure.querySelectorAll("button"))
      button.addEventListener("click", () => use_scale(button.value === "log"));
    use_scale(spec.logarithmic);
    charts.push({chart, paint});
  }

  // One metre is as long to the right as upwards: the larger range decides, the other one grows.
  function equal_scales(chart, box) {
    const area = chart.chartArea;
    const width = area.right - area.left, height = area.bottom - area.top;
    if (!(width > 0 && height > 0)) return;
    const metres = 1.08 * Math.max((box.right - box.left) / width, (box.top - box.bottom) / height);
    const rough = metres * Math.min(width / 9, height / 5);  // m between grid lines, before rounding
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = power * [1, 2, 5, 10].find(factor => factor * power >= rough);
    const set = (scale, centre, pixels) => {
      scale.min = centre - metres * pixels / 2;
      scale.max = centre + metres * pixels / 2;
      scale.ticks.stepSize = step;
    };
    set(chart.options.scales.x, (box.left + box.right) / 2, width);
    set(chart.options.scales.y, (box.bottom + box.top) / 2, height);
  }

  // A task of one point, a target, is a cross; a driven path has a dot where it begins.
  function path_dataset(path, index) {
    const task = path.colour === "task", target = task && path.x.length === 1;
    const begin = path.x.findIndex((x, t) => x !== null && path.y[t] !== null);
    return {
      label: path.name, order: -index, showLine: true,  // the last on top
      data: path.x.map((x, t) => ({x, y: path.y[t]})),
      borderWidth: task && !target ? 1.5 : 2, borderDash: task && !target ? [6, 4] : [],
      pointStyle: target ? "crossRot" : "circle",
      pointRadius: target ? 7 : path.x.map((_, t) => !task && t === begin ? 4 : 0),
      pointHoverRadius: target ? 7 : 4, pointHitRadius: 6, spanGaps: false
    };
  }

  function draw_paths(spec) {
    const xs = spec.paths.flatMap(p => finite(p.x)), ys = spec.paths.flatMap(p => finite(p.y));
    const extreme = (pick, values) => values.reduce((a, b) => pick(a, b), values[0]);
    const box = {left: extreme(Math.min, xs), right: extreme(Math.max, xs),
      bottom: extreme(Math.min, ys), top: extreme(Math.max, ys)};
    if (box.right === box.left && box.top === box.bottom) {
      box.left -= 0.5;
      box.right += 0.5;
    }
    // Fixed margins, so that the room for drawing does not depend on the labels.
    const ticks = () => ({includeBounds: false, maxRotation: 0, callback: show});
    const chart = new Chart(document.getElementById(spec.id).querySelector("canvas"), {
      type: "scatter",
      data: {datasets: spec.paths.map(path_dataset)},
      options: {
        scales: {
          x: axis("x (m)", {ticks: ticks(), afterFit: scale => { scale.height = 46; }}),
          y: axis("y (m)", {ticks: ticks(), afterFit: scale => { scale.width = 58; }})
        },
        plugins: {tooltip: {callbacks: {
          label: item => ` ${item.dataset.label}: ${show(item.parsed.x)} m, ${show(item.parsed.y)} m`
        }}}
      },
      plugins: [{id: "equal_scales", resize: chart => setTimeout(() => {
        equal_scales(chart, box);
        chart.update();
      })}]
    });
    const paint = () => {
      chart.data.datasets.forEach((set, i) => {
        const key = spec.paths[i].colour;
        const hue = colour(key === "task" ? key : "c" + key);
        set.borderColor = set.backgroundColor = hue;
      });
      paint_axes(chart);
      equal_scales(chart, box);
      chart.update();
    };
    paint();
    charts.push({chart, paint});
  }

  data.curves.forEach(draw_curves);
  data.paths.forEach(draw_paths);

  const repaint = () => charts.forEach(entry => entry.paint());
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  // Paper is light, and finer than a screen.
  const for_paper = paper => {
    root.classList.toggle("print", paper);
    for (const {chart} of charts) {
      chart.options.devicePixelRatio = paper ? 3 : undefined;
      if (paper) chart.resize(330, 230);  // about a column of A4 or Letter, in CSS pixels
      else chart.resize();
    }
    for (const details of document.querySelectorAll(".config details")) details.open = paper;
    repaint();
  };
  addEventListener("beforeprint", () => for_paper(true));
  addEventListener("afterprint", () => for_paper(false));
})();
)js";

}  // namespace phigrad
