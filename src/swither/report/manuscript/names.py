"""Names of methods that are cut in the narrow layout, as a reader of print expects them: abbreviated."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.text import Text

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
    """The abbreviation of a name that was cut, and what follows it; any other name as it is.

    Example:
        >>> uncut("k-center gre…"), uncut("Least confid…  90.1"), uncut("margin"), uncut("mine and mi…")
        ('k-center', 'Least conf.  90.1', 'margin', 'mine and mi…')
    """
    cut, mark, rest = name.partition("…")
    for title, short in SHORT.items():
        if mark and cut and title.startswith(cut.lower()):
            return (short if cut[0].islower() else short[0].upper() + short[1:]) + rest
    return name
