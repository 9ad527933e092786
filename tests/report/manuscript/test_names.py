from __future__ import annotations

from matplotlib.figure import Figure

from swither.acquisition import ACQUISITIONS
from swither.report.drawing import plain
from swither.report.manuscript.names import abbreviate, uncut


def test_every_long_title_of_the_catalogue_has_an_abbreviation() -> None:
    for acquisition in ACQUISITIONS.values():
        assert not uncut(plain(acquisition.title, 13)).endswith("…"), acquisition.title


def test_abbreviations_are_no_longer_than_what_they_stand_for() -> None:
    for acquisition in ACQUISITIONS.values():
        assert len(uncut(plain(acquisition.title, 13))) <= 13


def test_a_name_of_somebodys_own_stays_as_it_was_cut() -> None:
    assert uncut("my own metho…") == "my own metho…"
    assert uncut("…") == "…"


def test_the_number_behind_a_name_is_kept() -> None:
    assert uncut("clustered dispers…  95.8") == "clust. disp.  95.8"


def test_ticks_and_words_of_a_figure_are_abbreviated() -> None:
    figure = Figure()
    axes = figure.subplots()
    axes.set_yticks([0, 1], ["margin", "k-center gre…"])
    words = axes.text(0, 0, "Least confid…")
    abbreviate(figure)
    figure.draw_without_rendering()
    assert [label.get_text() for label in axes.get_yticklabels()] == ["margin", "k-center"]
    assert words.get_text() == "Least conf."
