"""A small plot as SVG: panels side by side, both axes logarithmic, colours for light and dark pages."""
import math
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 420, 320  # of a panel
LEFT, RIGHT, TOP, BOTTOM = 56, 22, 34, 84
STYLE = """
text { font: 12px sans-serif; fill: #424a53 }
.title { font-weight: bold }
.grid { stroke: #d1d9e0; stroke-width: 1 }
.line { fill: none; stroke-width: 2 }
.s0 { stroke: #0969da } .s1 { stroke: #bc4c00 } .s2 { stroke: #1a7f37 } .s3 { stroke: #8250df }
.dot { fill: white; stroke-width: 2 }
@media (prefers-color-scheme: dark) {
text { fill: #c9d1d9 }
.grid { stroke: #3d444d }
.dot { fill: #0d1117 }
.s0 { stroke: #58a6ff } .s1 { stroke: #f0883e } .s2 { stroke: #3fb950 } .s3 { stroke: #bc8cff }
}
"""


def svg(panels):
    """panels: title, name of the x axis, and series by name, each a list of points (x, y) above zero."""
    parts = ['<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d">' % ((WIDTH * len(panels), HEIGHT) * 2),
             "<style>%s</style>" % STYLE]
    for i, panel in enumerate(panels):
        parts += ['<g transform="translate(%d 0)">' % (i * WIDTH), *one(*panel), "</g>"]
    return "\n".join(parts + ["</svg>", ""])


def one(title, axis, series):
    points = [p for line in series.values() for p in line]
    x = Scale([p[0] for p in points], [1], LEFT, WIDTH - RIGHT)
    y = Scale([p[1] for p in points], [1, 2, 5], HEIGHT - BOTTOM, TOP)
    yield text(LEFT, 18, title, "start", "title")
    for at in x.ticks:
        yield line(x(at), TOP, x(at), HEIGHT - BOTTOM)
        yield text(x(at), HEIGHT - BOTTOM + 18, short(at), "middle")
    for at in y.ticks:
        yield line(LEFT, y(at), WIDTH - RIGHT, y(at))
        yield text(LEFT - 8, y(at) + 4, short(at), "end")
    yield text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - BOTTOM + 36, axis, "middle")
    for i, (name, values) in enumerate(series.items()):
        places = [(x(a), y(b)) for a, b in values]
        yield '<polyline class="line s%d" points="%s"/>' % (i, " ".join("%.1f,%.1f" % p for p in places))
        yield from ('<circle class="dot s%d" cx="%.1f" cy="%.1f" r="3"/>' % (i, *p) for p in places)
        at, under = LEFT + i % 2 * 170, HEIGHT - 30 + i // 2 * 20  # the legend: two beside each other
        yield '<polyline class="line s%d" points="%d,%d %d,%d"/>' % (i, at, under - 4, at + 16, under - 4)
        yield text(at + 22, under, name, "start")


class Scale:
    """A logarithmic axis from the tick below all values to the tick above."""

    def __init__(self, values, steps, begin, end):
        all = [s * 10.0 ** e for e in range(-3, 16) for s in steps]
        low = max(t for t in all if t <= min(values))
        high = min(t for t in all if t >= max(values) and t > low)
        self.ticks = [t for t in all if low <= t <= high]
        self.low, self.range, self.begin, self.end = math.log(low), math.log(high / low), begin, end

    def __call__(self, value):
        return self.begin + (self.end - self.begin) * (math.log(value) - self.low) / self.range


def short(value):
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return "%g%s" % (value / size, unit)
    return "%g" % value


def line(x1, y1, x2, y2):
    return '<path class="grid" d="M%.1f %.1fL%.1f %.1f"/>' % (x1, y1, x2, y2)


def text(x, y, what, anchor, kind=None):
    return '<text x="%.1f" y="%.1f" text-anchor="%s"%s>%s</text>' % (x, y, anchor, ' class="%s"' % kind if kind else "", escape(what))
