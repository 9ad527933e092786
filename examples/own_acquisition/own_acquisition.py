"""From an idea to its report in twenty lines; a notebook as plain Python (# %% begins a cell)."""

# %% The idea: images in doubt now, and all the more where the network kept changing its mind about them.
from pathlib import Path

import numpy as np

import swither


def restless_margin(probabilities, label_history, *, power=1.0):
    """The margin's doubt, weighted by how often the predicted label changed while the network trained."""
    ordered = np.sort(probabilities, axis=1)  # (samples, classes)
    doubt = 1 - (ordered[:, -1] - ordered[:, -2])
    changed = (label_history[1:] != label_history[:-1]).mean(axis=0)  # (samples,) from (epochs, samples)
    return doubt * changed**power


# %% Beside others, on digits, with intervals: a minute or two on a laptop.
def compare(out="own_acquisition_results", **settings):
    """Compare the idea with what it is made of; `out` then holds report.html."""
    mine = f"{Path(__file__).resolve()}:restless_margin"
    quick = {"model": "tiny", "seeds": 2, "initial": 60, "step": 60, "cycles": 2, "recipe": {"epochs": 20}}
    methods = ("random", "margin", "dispersion", mine, f"{mine}:power=0.5")
    return swither.compare("digits", out, acquisitions=methods, **{**quick, **settings})


if __name__ == "__main__":
    for row in compare().to_pylist():
        print(row["method"], row["seed"], row["labelled"], round(row["accuracy"], 3))
