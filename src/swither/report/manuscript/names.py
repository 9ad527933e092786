"""Names of methods that are cut in the narrow layout, as a reader of print expects them: abbreviated."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.text import Text

from swither.report.drawing import plain

SHORT = {
    "least confidence": "least conf.",
    "k-center greedy": "k-center",
    "diverse dispersion": "diverse disp.",
    "clustered dispersion": "clust. disp.",
}
"""Title -> what stands for it where there is no room."""


def abbreviate(figure: Figure) -> None:
    """Put an abbreviation wherever a painted figure has a known name with its end cut off."""
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            names = [label.get_text() for label in axis.get_ticklabels()]
            if any(uncut(name) != name for name in names):
                axis.set_ticklabels([uncut(name) for name in names])
    for text in figure.findobj(Text):
        assert isinstance(text, Text)
        if uncut(text.get_text()) != text.get_text():
            text.set_text(uncut(text.get_text()))


def uncut(name: str) -> str:
    """The abbreviation of a name that was cut; any other name as it is.

    Example:
        >>> uncut("k-center gre…"), uncut("Least confid…"), uncut("margin"), uncut("mine and mi…")
        ('k-center', 'Least conf.', 'margin', 'mine and mi…')
    """
    if not name.endswith("…"):
        return name
    for title, short in SHORT.items():
        if plain(title, len(name)) == name.lower():
            return short if name[0].islower() else short[0].upper() + short[1:]
    return name
