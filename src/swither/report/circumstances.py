"""How the results came about: command, settings, versions, seeds, machines, data, methods."""

from __future__ import annotations

from swither.report.comparison import Comparison
from swither.report.contents import CIRCUMSTANCES, SHOWN_BESIDE
from swither.report.markup import Content, Markup, table, tag, text
from swither.report.section import Section, method_name, paragraph
from swither.report.wording import listed


def data_notes(comparison: Comparison) -> Section | None:
    """The section on the data. None without notes."""
    notes = comparison.data.data_notes
    if not notes:
        return None
    return Section("data", "The data", "Data", tag("ul", [tag("li", note) for note in notes]))


def methods(comparison: Comparison) -> Section | None:
    """The section that says in a line what each method does. None where nobody said."""
    rows = [row for row in comparison.data.methods if row.get("summary") or row.get("paper")]
    if not rows:
        return None
    body: list[list[Content]] = [
        [
            method_name(comparison, str(row["name"])),
            [
                str(row.get("summary") or ""),
                tag("br") if row.get("paper") else None,
                tag("small", str(row["paper"])) if row.get("paper") else None,
            ],
        ]
        for row in rows
    ]
    markup = table("What each method asks to be labelled first.", ["Method", "Idea and source"], body, numeric=False)
    return Section("methods", "The methods", "Methods", markup)


def circumstances(comparison: Comparison) -> Section:
    """The section from which the experiment can be made again."""
    data = comparison.data
    parts: list[Markup] = []
    if data.command:
        apart = [] if data.paper is None else data.paper.apart(method for method, _ in comparison.planned)
        titles = listed([comparison.titles.get(method, method) for method in apart])
        but = f", but for those of {titles}, which swither compare made" if apart else ""
        said = paragraph(f"This command makes the results again{but}:")
        parts.append(text((said, tag("pre", tag("code", data.command)))))
    if comparison.seeds:
        parts.append(paragraph(f"Seeds: {listed([str(seed) for seed in comparison.seeds])}."))
    parts.append(_places(comparison))
    groups = {**data.settings, **({"versions": data.versions} if data.versions else {})}
    tables = [
        table(name, ["Setting", "Value"], [[str(k), str(v)] for k, v in group.items()], numeric=False)
        for name, group in groups.items()
        if group
    ]
    if tables:
        parts.append(tag("div", tables, class_="settings"))
    return Section("circumstances", "How this was made", "Settings", text(parts))


def _places(comparison: Comparison) -> Markup:
    """On what the runs were made, each kind once, with the number of runs."""
    kinds: dict[tuple[str, ...], set[tuple[str, int]]] = {}
    fields = [
        f for f in (*CIRCUMSTANCES, *SHOWN_BESIDE) if any(row.get(f) is not None for row in comparison.data.results)
    ]
    if not fields:
        return Markup("")
    for row in comparison.data.results:
        kind = tuple(str(row[f]) if row.get(f) is not None else "\u2013" for f in fields)
        kinds.setdefault(kind, set()).add((str(row["method"]), int(row["seed"])))
    rows: list[list[Content]] = [[str(len(runs)), *kind] for kind, runs in kinds.items()]
    return table("On what the runs were made.", ["Runs", *fields], rows, numeric=False)
