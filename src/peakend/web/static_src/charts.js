// Draws <div data-chart='…'> with ECharts, in the colours of the page. The JSON is an ECharts option; a colour
// in it is the name of a token ("--up"), and is looked up anew when light turns to dark. Functions cannot
// stand in JSON; what charts need of them stands here, by name: intervals ("renderItem": "whisker"), the hatch of
// what is miserable ("decal": "hatch"), and numbers as pages show them.
{
  const drawn = new Map();
  const probe = document.createElement("span");
  probe.hidden = true;
  document.body.append(probe);

  const colour = (token) => {
    probe.style.color = `var(${token})`;
    return getComputedStyle(probe).color;
  };

  const coloured = (value) => {
    if (typeof value === "string" && value.startsWith("--")) return colour(value);
    if (Array.isArray(value)) return value.map(coloured);
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, coloured(inner)]));
    }
    return value;
  };

  // A whisker from low to high: data are [x, low, high] with the category or the number of x.
  const whisker = (params, api) => {
    const at = api.coord([api.value(0), api.value(1)]);
    const to = api.coord([api.value(0), api.value(2)]);
    const stroke = api.visual("color");
    return {
      type: "group",
      children: [
        { type: "line", shape: { x1: at[0], y1: at[1], x2: to[0], y2: to[1] }, style: { stroke, lineWidth: 2 } },
      ],
    };
  };

  // The same hatch that marks miserable everywhere, for who cannot tell the colours.
  const hatch = { symbol: "rect", dashArrayX: [1, 0], dashArrayY: [2, 5], rotation: -Math.PI / 4, color: "rgba(255,255,255,.4)" };

  const patterned = (one) =>
    one.itemStyle?.decal === "hatch" ? { ...one, itemStyle: { ...one.itemStyle, decal: hatch } } : one;

  const grouped = (number) =>
    typeof number === "number"
      ? String(Math.round(number * 100) / 100).replace("-", "\u2212").replace(/\B(?=(\d{3})+(?!\d)(?<!\.\d*))/g, "\u202f")
      : String(number ?? "–");

  const axis = (given) => {
    const one = (each) => ({
      axisLine: { lineStyle: { color: colour("--edge") } },
      axisTick: { show: false },
      splitLine: { lineStyle: { color: colour("--hair") } },
      ...each,
      axisLabel: {
        color: colour("--soft"),
        hideOverlap: true,
        ...(each.type === "value" ? { formatter: grouped } : {}),
        ...each.axisLabel,
      },
    });
    return Array.isArray(given) ? given.map(one) : one(given ?? {});
  };

  const prepared = (place) => {
    const option = coloured(JSON.parse(place.dataset.chart));
    const fonts = getComputedStyle(document.body).fontFamily;
    const series = (option.series ?? []).map(patterned).map((one) =>
      one.type === "custom" && one.renderItem === "whisker" ? { ...one, renderItem: whisker } : one,
    );
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    return {
      color: ["--accent", "--up", "--down", "--even", "--due", "--held"].map(colour),
      animation: !still,
      animationDuration: 250,
      backgroundColor: "transparent",
      grid: { left: 4, right: 12, top: 24, bottom: 4, containLabel: true },
      ...option,
      textStyle: { fontFamily: fonts, color: colour("--ink"), ...option.textStyle },
      aria: { enabled: true, label: { enabled: false }, decal: { show: true, decals: [{ color: "transparent" }] } },
      legend: option.legend && { textStyle: { color: colour("--soft") }, top: 0, left: 0, itemGap: 16, ...option.legend },
      tooltip: {
        trigger: "axis",
        renderMode: "richText",
        confine: true,
        backgroundColor: colour("--lift"),
        borderColor: colour("--rule"),
        borderWidth: 1,
        textStyle: { color: colour("--ink"), fontFamily: fonts, fontSize: 13 },
        valueFormatter: grouped,
        ...option.tooltip,
      },
      xAxis: axis(option.xAxis),
      yAxis: axis(option.yAxis),
      series,
    };
  };

  const draw = (place) => {
    const chart = drawn.get(place) ?? echarts.init(place, null, { renderer: "canvas" });
    drawn.set(place, chart);
    chart.setOption(prepared(place), { notMerge: true });
    if (place.dataset.chartLinks) {
      const links = JSON.parse(place.dataset.chartLinks);
      chart.off("click");
      chart.on("click", ({ dataIndex }) => links[dataIndex] && location.assign(links[dataIndex]));
    }
  };

  const size = new ResizeObserver((entries) => entries.forEach(({ target }) => drawn.get(target)?.resize()));

  const drawAll = (root) => {
    for (const place of root.querySelectorAll("[data-chart]")) {
      draw(place);
      size.observe(place);
    }
    for (const [place, chart] of drawn) {
      if (!place.isConnected) {
        chart.dispose();
        size.unobserve(place);
        drawn.delete(place);
      }
    }
  };

  const again = () => drawn.forEach((chart, place) => draw(place));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  document.addEventListener("look:changed", again);
  document.addEventListener("htmx:afterSettle", () => drawAll(document));
  drawAll(document);
}
