from __future__ import annotations

import itertools
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from xml.etree import ElementTree

import pytest
from PIL import Image

from swither.report import REFERENCE, ReportData, write_report
from swither.report.markup import VOID

NASTY = (
    "<b>bold</b>", "$x_1$ & $\\frac", "_hidden", "猫", "a" * 60, "\x00tab\there", "\"quoted'", "-->", "</style>", "${x}"
)  # fmt: skip


class Page(HTMLParser):
    """What a browser would find: elements in order, their attributes, and the text between them."""

    def __init__(self, path: Path) -> None:
        super().__init__(convert_charrefs=True)
        self.source = path.read_text(encoding="utf-8")
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self._open: list[str] = []
        self.feed(self.source)
        assert not self._open, f"never closed: {self._open}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs), f"an attribute twice on {tag}: {attrs}"
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self._open, f"{tag} closes nothing"
        assert self._open[-1] == tag, f"{tag} closes {self._open[-1]}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        if not self._open or self._open[-1] != "style":
            self.words.append(data)

    def all(self, attribute: str) -> list[str]:
        return [attributes[attribute] or "" for _, attributes in self.elements if attribute in attributes]

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, synthetic: ModuleType) -> Path:
    folder = tmp_path_factory.mktemp("report")
    write_report(synthetic.report_data(), folder)
    return folder


@pytest.fixture(scope="module")
def page(folder: Path) -> Page:
    return Page(folder / "report.html")


def bare(data: ReportData, **changes: object) -> ReportData:
    """Without the tables that a test does not look at: drawing them takes the time."""
    return replace(
        data, **{"informativeness": (), "montage": (), "selected_classes": (), "pool_largest_class": (), **changes}
    )


def test_the_page_asks_nothing_of_the_network_and_runs_nothing(page: Page) -> None:
    assert not {"script", "iframe", "object", "embed", "base", "form"} & {name for name, _ in page.elements}
    for name, attributes in page.elements:
        assert not [a for a in attributes if a.startswith("on")], (name, attributes)
    for link in [*page.all("src"), *page.all("href"), *page.all("xlink:href")]:
        assert link.startswith(("data:", "#")), link
    assert not re.search(r"url\((?!#)|@import", page.source)
    assert "default-src 'none'" in "".join(page.all("content"))


def test_every_link_and_label_points_to_one_element(page: Page) -> None:
    ids = Counter(page.all("id"))
    assert ids
    assert max(ids.values()) == 1, ids.most_common(3)
    wanted = {link[1:] for link in page.all("href") if link.startswith("#")}
    wanted |= {name for text in page.all("aria-labelledby") + page.all("aria-describedby") for name in text.split()}
    wanted |= set(re.findall(r"url\(#([^)]+)\)", page.source))
    assert wanted <= ids.keys()


def test_a_reader_who_cannot_see_gets_words(page: Page) -> None:
    drawings = [svg for svg in page.named("svg") if "viewbox" in svg]
    assert len(drawings) == 14  # seven figures, each for a screen and for a phone
    assert all(svg["role"] == "img" and svg["aria-labelledby"] and svg["aria-describedby"] for svg in drawings)
    assert all(image["alt"] for image in page.named("img"))
    assert len(page.named("caption")) == len(page.named("table")) > 8
    assert all(head.get("scope") in ("col", "row") for head in page.named("th"))
    levels = [int(name[1]) for name, _ in page.elements if re.fullmatch(r"h[1-6]", name)]
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels)), levels
    assert page.named("html")[0]["lang"] == "en"


def test_a_demo_sized_report_is_small_and_is_the_same_bytes_again(
    folder: Path, tmp_path: Path, synthetic: ModuleType
) -> None:
    write_report(synthetic.report_data(), tmp_path)
    names = sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*"))

    assert (folder / "report.html").stat().st_size < 1_000_000
    assert names == sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*"))
    assert all((folder / name).read_bytes() == (tmp_path / name).read_bytes() for name in names)


def test_figures_lie_beside_the_page_as_svg_and_png(folder: Path) -> None:
    drawn = sorted(path.stem for path in (folder / "figures").glob("*.svg"))

    assert drawn == [
        "areas", "cost", "informativeness", "largest-class", "learning-curves", "montage", "penalties",
        "selected-classes",
    ]  # fmt: skip
    for name in drawn:
        root = ElementTree.parse(folder / "figures" / f"{name}.svg").getroot()
        assert root.tag.endswith("svg")
        with Image.open(folder / "figures" / f"{name}.png") as image:
            assert image.width == 2 * 780
            assert len(set(image.convert("L").resize((64, 64)).tobytes())) > 2


def test_every_section_answers_with_its_data(page: Page) -> None:
    for said in (
        "With 1,500 labels, dispersion reaches", "How sure is that?",
        "What did active learning save?", "How much could the picks teach?",
        "in two minds", "Which classes were asked for?", "Where is it still weak?", "What did it cost to choose?",
        "Was the recording sound?", "swither compare digits", "Split by seed 0.", "Zolfaghari Bengar", "2.13.0",
        "Seeds: 0, 1 and 2.",
    ):  # fmt: skip
        assert said in page.text, said
    assert 'class="warnings"' not in page.source


def test_names_are_shown_as_they_are_and_break_nothing(tmp_path: Path, synthetic: ModuleType) -> None:
    data = synthetic.report_data()
    name = dict(zip(data.class_names, NASTY, strict=True))
    data = replace(
        data,
        title="<script>alert(1)</script>",
        class_names=NASTY,
        montage=[
            replace(m, true_label=name[m.true_label], last_labels=tuple(name[n] for n in m.last_labels))
            for m in data.montage
        ],
        selected_classes=[{**row, "class_name": name[row["class_name"]]} for row in data.selected_classes],
        pool_classes={name[key]: count for key, count in data.pool_classes.items()},
        methods=[{**row, "title": f"<i>{row['title']}$"} for row in data.methods],
        settings={"<u>": {"${key}": "<a href='http://x'>"}},
        warnings=("<img src=x onerror=alert(1)>",),
        informativeness=(),
        pool_largest_class=(),
    )
    page = Page(write_report(data, tmp_path))

    assert not {"script", "b", "i", "u"} & {element for element, _ in page.elements}
    assert "\x00" not in page.source
    for shown in ("<script>alert(1)</script>", "<b>bold</b>", "$x_1$ & $\\frac", "_hidden", "猫", "-->", "</style>"):
        assert shown in page.text, shown
    svg = (tmp_path / "figures" / "selected-classes.svg").read_text(encoding="utf-8")
    drawn = "".join(ElementTree.fromstring(svg).itertext())
    for shown in ("<b>bold</b>", "$x_1$ & $\\frac", "_hidden", "猫", "${x}", "<i>Dispersion$"):
        assert shown in drawn, shown


def test_one_seed_has_no_interval_and_says_so(tmp_path: Path, synthetic: ModuleType) -> None:
    data = synthetic.report_data()
    one = [row for row in data.results if row["seed"] == 0]
    text = Page(write_report(bare(data, results=one, planned=()), tmp_path)).text

    assert "comes from one seed, so nothing can be said about chance" in text
    assert "One seed: there are no intervals" in text
    assert "±" not in text.replace("± half the 95", "")


def test_unfinished_cells_are_named_and_the_rest_is_shown(tmp_path: Path, synthetic: ModuleType) -> None:
    data = synthetic.report_data()
    rows = [
        row for row in data.results
        if not (row["method"] == "margin" and row["cycle"] > 2)
        and not (row["method"] == "kcenter" and row["seed"] == 2)
        and row["method"] not in ("bald", REFERENCE)
    ]  # fmt: skip
    text = Page(write_report(bare(data, results=rows), tmp_path)).text

    assert "Margin: seeds 0 to 2 have reached cycle 2 of 5." in text
    assert "k-center greedy: seed 2 has not begun." in text
    assert "BALD and all data: no seed has begun." in text
    assert "cycle 2 so far" in text
    assert "11 of 21 runs finished" in text  # without 3 of margin, 1 of k-center, 3 of BALD and 3 of all data
    assert "goes on where it stopped: swither compare digits" in text
    assert text.index("runs finished") < text.index("What did active learning save?")


def test_results_of_other_circumstances_are_named_and_not_pooled(tmp_path: Path, synthetic: ModuleType) -> None:
    data = synthetic.report_data()

    def spoilt(row: dict[str, object]) -> dict[str, object]:
        if (row["method"], row["seed"]) == ("dispersion", 2):
            return {**row, "threads": 2, "accuracy": 0.0}
        return row

    page = Page(write_report(bare(data, results=[spoilt(row) for row in data.results]), tmp_path))

    assert (
        "1 run left out of every mean and interval, made with threads 2 (and not 1): Dispersion, seed 2." in page.text
    )
    kept = [r["accuracy"] for r in data.results if (r["method"], r["cycle"]) == ("dispersion", 5) and r["seed"] < 2]
    assert f"dispersion reaches {50 * sum(kept):.1f} %" in page.text.replace("\u00a0", " ")


def test_nothing_finished_is_a_page_too(tmp_path: Path) -> None:
    page = Page(write_report(ReportData(title="Empty", results=()), tmp_path))

    assert "Nothing has finished yet" in page.text
    assert not (tmp_path / "figures").exists()


def test_a_custom_matplotlib_set_up_changes_nothing_and_is_left_alone(tmp_path: Path, synthetic: ModuleType) -> None:
    import matplotlib

    data = bare(synthetic.report_data())
    write_report(data, tmp_path / "plain")
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red", "svg.hashsalt": "other"}):
        write_report(data, tmp_path / "custom")
        assert matplotlib.rcParams["font.size"] == 30
        assert matplotlib.rcParams["svg.hashsalt"] == "other"

    assert (tmp_path / "plain" / "report.html").read_bytes() == (tmp_path / "custom" / "report.html").read_bytes()


@pytest.mark.slow
def test_no_global_figures_and_no_torch_are_needed(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from swither.report import ReportData, write_report\n"
        "rows = [dict(method=m, seed=s, cycle=c, labelled=10 * c + 10, accuracy=0.5 + 0.1 * c)"
        " for m in ('random', 'margin') for s in (0, 1) for c in (0, 1)]\n"
        f"write_report(ReportData('x', rows), Path({str(tmp_path)!r}))\n"
        "print(sorted({'torch', 'matplotlib.pyplot', 'sklearn', 'jinja2'} & set(sys.modules)))"
    )
    answer = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert answer.stdout.strip() == "[]"
