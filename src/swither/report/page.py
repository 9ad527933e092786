"""The page: sections in the order of a reader's questions, one file that asks nothing of the network."""

from __future__ import annotations

from collections.abc import Callable
from importlib import resources
from pathlib import Path

from swither.files import write_atomically
from swither.report.accuracy_tables import cycle_tables, last_cycle_table
from swither.report.certainty import certainty
from swither.report.choice import choice
from swither.report.circumstances import circumstances, data_notes, methods
from swither.report.classes import recall, selected_classes
from swither.report.comparison import Comparison
from swither.report.contents import ReportData
from swither.report.cost import cost
from swither.report.coverings import coverings
from swither.report.first_models import other_first_models
from swither.report.headline import Headline, headline
from swither.report.imbalance import imbalance
from swither.report.informativeness import informativeness
from swither.report.learning_curves import learning_curves
from swither.report.markup import Content, Markup, tag, text
from swither.report.montage import montage
from swither.report.numbers import as_csv
from swither.report.opinions import opinions
from swither.report.paper_claims import paper_claims
from swither.report.paper_table import paper_table
from swither.report.recording import recording
from swither.report.section import Section, figure, paragraph
from swither.report.style import colour_variables, method_styles
from swither.report.vaal import vaal
from swither.report.wording import count, listed, plural

# No script, no outside request: held by the browser, not only by our care.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def write_report(data: ReportData, folder: Path) -> Path:
    """Write ``report.html``, and its figures as SVG and PNG with their numbers as CSV.

    The page is one self-contained file. The same data give the same bytes. Each file appears whole or not at
    all; those of an earlier report are replaced.

    Args:
        data: what to show; see `ReportData`.
        folder: where to write ``report.html`` and ``figures/``.

    Returns:
        The path of ``report.html``.
    """
    comparison = Comparison(data)
    parts = sections(comparison)
    for part in parts:
        for drawing in part.drawings:
            write_atomically(folder / "figures" / f"{drawing.name}.svg", drawing.svg)
            write_atomically(folder / "figures" / f"{drawing.name}.png", drawing.png)
            write_atomically(folder / "figures" / f"{drawing.name}.csv", as_csv(drawing.numbers).encode())
    path = folder / "report.html"
    write_atomically(path, _page(comparison, headline(comparison), parts).encode())
    return path


def sections(comparison: Comparison) -> list[Section]:
    """Every part of the page that there is something to say in, in order."""
    return [part for build in _SECTIONS if (part := build(comparison)) is not None]


def _accuracy(comparison: Comparison) -> Section | None:
    if not comparison.methods:
        return None
    drawing = learning_curves(comparison)
    several = any(p.interval for m in comparison.methods for p in comparison.curve(m))
    spread = (
        "Bars are 95\u00a0% Student intervals over seeds, drawn a little apart; an arrow ends those that go on "
        "beyond the frame."
        if several
        else "Lines are means over two seeds, and bars reach from one seed to the other."
        if len(comparison.seeds) > 1
        else "One seed: there are no intervals, and an order of the methods may be chance."
    )
    body = text(
        (
            figure(comparison, drawing, ["Test accuracy after each training. ", spread]),
            last_cycle_table(comparison),
            tag("h3", "Every cycle"),
            cycle_tables(comparison),
        )
    )
    return Section("accuracy", "What did active learning save?", "Accuracy", body, (drawing,))


_SECTIONS: tuple[Callable[[Comparison], Section | None], ...] = (
    paper_table,
    paper_claims,
    _accuracy,
    certainty,
    informativeness,
    opinions,
    montage,
    selected_classes,
    recall,
    imbalance,
    cost,
    recording,
    vaal,
    coverings,
    choice,
    methods,
    data_notes,
    circumstances,
)


def _page(comparison: Comparison, answer: Headline, parts: list[Section]) -> str:
    data = comparison.data
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("title", f"{data.title} \u00b7 swither"),
        tag("link", rel="icon", href="data:,"),
        tag("style", _style_sheet(comparison)),
    )
    contents = tag("ol", [tag("li", tag("a", part.short, href=f"#{part.anchor}")) for part in parts])
    body = tag(
        "body",
        tag("a", "Skip to the results", href="#results", class_="skip"),
        tag(
            "header", tag("p", "swither", class_="brand"), tag("h1", data.title), _answer(answer), _warnings(comparison)
        ),
        tag("nav", contents, aria_label="Contents") if len(parts) > 1 else None,
        tag("main", [_section(part) for part in parts], id="results"),
        _footer(data),
    )
    return "<!doctype html>\n" + tag("html", head, "\n", body, lang="en") + "\n"


def _answer(answer: Headline) -> Markup:
    figures = [
        tag("div", tag("dt", figure.caption), tag("dd", figure.number), class_="figure") for figure in answer.figures
    ]
    return text(
        (
            paragraph(answer.lead, "lead"),
            tag("dl", figures, class_="key-figures") if figures else "",
            tag("ul", [tag("li", sentence) for sentence in answer.sentences], class_="answer")
            if answer.sentences
            else "",
        )
    )


def _warnings(comparison: Comparison) -> Markup:
    groups = (
        ("Not finished", _progress(comparison)),
        ("Please note", [*comparison.few_seeds, *comparison.data.warnings]),
        ("Unequal circumstances", [*comparison.unequal, *other_first_models(comparison)]),
    )
    shown = [
        tag("div", tag("h2", title), tag("ul", [tag("li", sentence) for sentence in sentences]))
        for title, sentences in groups
        if sentences
    ]
    return tag("aside", shown, class_="warnings", aria_label="Warnings") if shown else Markup("")


def _progress(comparison: Comparison) -> list[Content]:
    """How much of what was planned is there, what is not, and how to go on."""
    missing = comparison.unfinished
    if not missing:
        return []
    planned = comparison.planned
    done = len(planned) - len(comparison.missing)
    said: list[Content] = [f"{count(done)} of {plural(len(planned), 'run')} finished; what follows is of these alone."]
    study = comparison.data.paper  # of the paper, any part may have been asked for
    apart = [] if study is None else study.apart(method for method, _ in comparison.missing)
    if comparison.data.command and len(apart) < len({method for method, _ in comparison.missing}):
        goes_on = "This command goes on where it stopped: "
        if study is not None:
            goes_on = "To go on with everything of the paper: " if apart else "To go on with everything: "
        said.append([goes_on, tag("code", comparison.data.command)])
    if apart:
        left = sum(method in apart for method, _ in comparison.missing)
        titles = listed([comparison.titles.get(method, method) for method in apart])
        said.append(f"Not of the paper, and gone on with by swither compare: {plural(left, 'run')} of {titles}.")
    return [*said, *missing]


def _section(part: Section) -> Markup:
    return tag(
        "section",
        tag("h2", part.title, id=f"{part.anchor}-title"),
        part.body,
        id=part.anchor,
        aria_labelledby=f"{part.anchor}-title",
    )


def _footer(data: ReportData) -> Markup:
    made = f"Made {data.created} by swither." if data.created else "Made by swither."
    return tag(
        "footer",
        paragraph([made, " Figures lie as SVG and PNG, their numbers as CSV, in the folder figures beside this file."]),
    )


def _style_sheet(comparison: Comparison) -> Markup:
    names = comparison.data.method_order()
    styles = method_styles(names)
    colours, light, dark = colour_variables(styles)
    keys = "".join(f".method-{n}{{--key:{colours[styles[name].light]}}}" for n, name in enumerate(names))
    sheet = resources.files("swither.report").joinpath("page.css").read_text(encoding="utf-8")
    return Markup(
        sheet + f":root{{{light}}}\n@media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n" + keys
    )
