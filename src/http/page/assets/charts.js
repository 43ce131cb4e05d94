// Draws what the page has as figures. Without it the table beside them says the same.
"use strict";
(() => {
  const HEIGHT = 220;
  // Told apart without colours too.
  const DASHES = [[], [8, 4], [2, 4], [12, 4, 2, 4], [4, 4]];
  const plots = new Map();

  /** The colour that the style sheet gives, which is another one when it is dark. */
  function colourOf(element, name) {
    const probe = document.createElement("i");
    probe.className = `series-${name}`;
    element.append(probe);
    const { color } = getComputedStyle(probe);
    probe.remove();
    return color;
  }

  /** Writes seconds as the rest of the page and the log do: by the clock of the daemon. */
  function clockOf(timeZone) {
    // Swedes write 2026-11-29 14:05.
    const format = { timeZone, dateStyle: "short", timeStyle: "short" };
    const clock = new Intl.DateTimeFormat("sv-SE", format);
    return (seconds) => clock.format(seconds * 1000);
  }

  function amount(value, unit) {
    if (value === null || value === undefined) return "";
    if (unit === "") return String(value);
    return value >= 1000 ? `${+(value / 1000).toFixed(1)} s` : `${Math.round(value)} ms`;
  }

  function draw(figure) {
    const { unit, zone, at, series } = JSON.parse(figure.dataset.chart);
    const instant = clockOf(zone);
    const element = figure.querySelector(".chart");
    const data = [at, ...series.map(({ values }) => values)];
    const known = plots.get(element);
    if (known !== undefined) return known.setData(data);
    const isLong = at.at(-1) - at[0] > 2 * 24 * 3600;
    const axis = {
      stroke: colourOf(element, "axis"),
      grid: { stroke: colourOf(element, "grid"), width: 1 },
      ticks: { stroke: colourOf(element, "grid"), width: 1 },
    };
    plots.set(
      element,
      new uPlot(
        {
          width: element.clientWidth,
          height: HEIGHT,
          tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zone),
          cursor: { drag: { x: false, y: false } },
          scales: { y: { range: (_plot, _least, most) => [0, Math.max(most ?? 0, 1) * 1.05] } },
          axes: [
            {
              ...axis,
              values: (_plot, ticks) =>
                ticks.map((tick) => isLong ? instant(tick).slice(5, 10) : instant(tick).slice(11)),
            },
            {
              ...axis,
              size: 64,
              values: (_plot, ticks) => ticks.map((tick) => amount(tick, unit)),
            },
          ],
          series: [
            { label: "From", value: (_plot, value) => value === null ? "" : instant(value) },
            ...series.map(({ name }, n) => ({
              label: name,
              stroke: colourOf(element, name),
              width: 2,
              dash: DASHES[n],
              // Of what was done in a single step there is no line.
              points: { show: unit === "ms", size: 4 },
              value: (_plot, value) => amount(value, unit),
            })),
          ],
        },
        data,
        element,
      ),
    );
  }

  function drawAll() {
    for (const figure of document.querySelectorAll("[data-chart]")) draw(figure);
  }

  function drawAnew() {
    for (const plot of plots.values()) plot.destroy();
    plots.clear();
    drawAll();
  }

  const live = document.getElementById("live");
  if (live !== null) live.addEventListener("patched", drawAll);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAnew);
  new ResizeObserver(() => {
    for (const [element, plot] of plots) {
      plot.setSize({ width: element.clientWidth, height: HEIGHT });
    }
  }).observe(document.body);
  drawAll();
})();
