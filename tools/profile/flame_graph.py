#!/usr/bin/python3 -B
"""Draws what `perf script -F comm,ip,sym` prints as a flame graph, an SVG that a browser shows.

    perf script -F comm,ip,sym --no-inline | flame_graph.py [TITLE] > flame.svg

A box is a function, as wide as the share of the samples in which it, or what it called, ran; what it
called stands on it. Boxes of ours are orange. A click on one makes it as wide as the picture, and a
click on the bottom brings all back.
"""

import html
import re
import sys
import zlib

WIDTH, ROW, TOP = 1600, 17, 40
NARROWEST = 0.3  # pixels; what is narrower is left out
LETTER = 6.6     # pixels that a letter takes

ZOOM = """
const boxes = [...document.querySelectorAll('g')];
function show(x0, w0, y0) {
  for (const g of boxes) {
    const [x, w, y] = [+g.dataset.x, +g.dataset.w, +g.dataset.y];
    const below = x <= x0 && x + w >= x0 + w0;
    const inside = below || (y < y0 && x >= x0 && x + w <= x0 + w0);
    g.style.display = inside ? '' : 'none';
    if (!inside) continue;
    const left = below ? 0 : (x - x0) / w0, width = below ? 1 : w / w0;
    const [rect, text] = [g.querySelector('rect'), g.querySelector('text')];
    rect.setAttribute('x', left * WIDTH);
    rect.setAttribute('width', width * WIDTH);
    text.setAttribute('x', left * WIDTH + 3);
    const fits = Math.floor((width * WIDTH - 4) / LETTER);
    text.textContent = fits < 3 ? '' : g.dataset.name.slice(0, fits);
  }
}
document.addEventListener('click', event => {
  const g = event.target.closest('g');
  if (g) show(+g.dataset.x, +g.dataset.w, +g.dataset.y);
});
"""


def short(symbol):
    """A C++ function without its arguments, template arguments and what stands behind them."""
    name = symbol.replace("(anonymous namespace)::", "").replace("operator()", "operator_call")
    name = re.sub(r"operator(?:<=>|<<=?|>>=?|->\*?|[<>]=?)", "operator_", name)
    depth, kept = 0, []
    for letter in name:
        depth += letter in "<("
        if depth == 0:
            kept.append(letter)
        depth -= letter in ">)"
    words = re.sub(r"\s+\[clone.*$|\s+(?:const|&&?)\b.*$", "", "".join(kept)).split()
    return words[-1] if words else symbol


def fold(lines):
    """Stacks, from the bottom up, with the samples that had them."""
    stacks, stack, program = {}, [], None
    for line in list(lines) + [""]:
        if not line.strip():
            if program is not None:
                key = (program, *reversed(stack))
                stacks[key] = stacks.get(key, 0) + 1
            stack, program = [], None
        elif line[0].isspace():
            stack.append(short(line.split(maxsplit=1)[1].strip()) if " " in line.strip() else "[unknown]")
        else:
            program = line.strip()
    return stacks


def boxes(stacks):
    """(depth, first sample, samples, name) of each box; boxes side by side are in order of names."""
    found, open_boxes, start = [], [], 0
    for stack, samples in sorted(stacks.items()) + [((), 0)]:
        same = 0
        while same < min(len(stack), len(open_boxes)) and open_boxes[same][1] == stack[same]:
            same += 1
        for depth in range(len(open_boxes) - 1, same - 1, -1):
            begin, name = open_boxes.pop()
            found.append((depth, begin, start - begin, name))
        open_boxes += [(start, name) for name in stack[same:]]
        start += samples
    return found


def colour(name):
    shade = zlib.crc32(name.encode()) % 40
    ours = name.startswith("bourse")
    return f"hsl({20 + shade // 2},90%,{58 + shade // 4}%)" if ours else f"hsl({200 + shade},25%,{72 + shade // 4}%)"


def draw(stacks, title):
    total = sum(stacks.values())
    if total == 0:
        raise SystemExit("flame_graph.py: there are no samples")
    shown = [box for box in boxes(stacks) if box[2] * WIDTH / total >= NARROWEST]
    bottom = TOP + ROW * max(depth for depth, *_ in shown)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{bottom + ROW + 10}" '
             f'font-family="monospace" font-size="11"><text x="3" y="20" font-size="15">'
             f'{html.escape(title)}: {total} samples</text>']
    for depth, begin, samples, name in sorted(shown):
        x, width, y = begin * WIDTH / total, samples * WIDTH / total, bottom - depth * ROW
        fits = int((width - 4) / LETTER)
        parts.append(
            f'<g data-x="{begin}" data-w="{samples}" data-y="{y}" data-name="{html.escape(name)}">'
            f'<title>{html.escape(name)}: {100 * samples / total:.2f}%, {samples} samples</title>'
            f'<rect x="{x:.2f}" y="{y}" width="{width:.2f}" height="{ROW - 1}" fill="{colour(name)}"/>'
            f'<text x="{x + 3:.2f}" y="{y + 12}">{html.escape(name[:fits]) if fits >= 3 else ""}</text></g>')
    script = f"const WIDTH = {WIDTH}, LETTER = {LETTER};{ZOOM}"
    return "\n".join(parts + [f"<script><![CDATA[{script}]]></script></svg>\n"])


if __name__ == "__main__":
    sys.stdout.write(draw(fold(sys.stdin), sys.argv[1] if len(sys.argv) > 1 else "profile"))
