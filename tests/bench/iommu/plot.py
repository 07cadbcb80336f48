# SPDX-License-Identifier: GPL-2.0-or-later
"""Bars on a logarithmic axis, as SVG."""

import math
from xml.sax.saxutils import escape

COLOURS = ('#1b6ca8', '#d1495b', '#edae49', '#66a182', '#8d6a9f', '#7f7f7f')
LABELS, WIDTH, BAR, GAP = 210, 560, 9, 10


def bars_svg(result, names, unit):
    """result: {figure: {name: value}}; a bar for each name."""
    values = [v for row in result.values() for v in row.values() if v > 0]
    low = math.floor(math.log10(min(values)))
    high = math.ceil(math.log10(max(values)))

    def x(value):
        return LABELS + WIDTH * (math.log10(max(value, 10 ** low)) - low) / (high - low)

    parts, y = [], 30
    for i, name in enumerate(names):
        at = LABELS + i * 110
        parts.append(f'<rect x="{at}" y="8" width="10" height="10" '
                     f'fill="{COLOURS[i % len(COLOURS)]}"/>'
                     f'<text x="{at + 14}" y="17">{escape(name)}</text>')
    top = y
    for figure, row in result.items():
        present = [n for n in names if n in row]
        parts.append(f'<text x="{LABELS - 8}" y="{y + BAR * len(present) / 2 + 4}" '
                     f'text-anchor="end">{escape(figure)}</text>')
        for name in present:
            colour = COLOURS[names.index(name) % len(COLOURS)]
            end = x(row[name])
            parts.append(f'<rect x="{LABELS}" y="{y}" width="{end - LABELS:.1f}" '
                         f'height="{BAR - 1}" fill="{colour}"/>'
                         f'<text x="{end + 3:.1f}" y="{y + BAR - 1.5}" font-size="8">'
                         f'{row[name]:.0f}</text>')
            y += BAR
        y += GAP
    for power in range(low, high + 1):
        at = x(10 ** power)
        parts.append(f'<line x1="{at:.1f}" y1="{top - 4}" x2="{at:.1f}" y2="{y}" stroke="#ccc"/>'
                     f'<text x="{at:.1f}" y="{y + 12}" text-anchor="middle">{10 ** power}</text>')
    parts.append(f'<text x="{LABELS + WIDTH / 2}" y="{y + 26}" text-anchor="middle">'
                 f'{escape(unit)}</text>')
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{LABELS + WIDTH + 60}" '
            f'height="{y + 34}" font-family="sans-serif" font-size="10">'
            '<rect width="100%" height="100%" fill="white"/>' + ''.join(parts) + '</svg>\n')
