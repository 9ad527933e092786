"""The grid: many small images that the network gives one class, to pick the wrong ones from."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np

from swither.project.askable import askable
from swither.project.histories import last_history
from swither.project.near_copies import near_copies

if TYPE_CHECKING:
    from swither.project.project import Project


def grid(project: Project, class_id: str | None, count: int, by: str | None = None) -> list[dict[str, Any]]:
    """Images without an answer that the latest network gives one class, the surest first.

    Images that test are not among them: a shown prediction sways whoever answers.

    Args:
        project: whose images.
        class_id: of the predicted class; None: the one with the most images.
        count: how many, at most.
        by: who asks; None leaves out all that is open before anybody.

    Returns:
        For each its ``image``, the ``predicted`` class and the ``confidence`` (0..1; None where none was recorded); of
        near copies one; nothing before a first training.
    """
    found = last_history(project)
    if found is None:
        return []
    cycle, history = found
    ledger = project.ledger()
    classes = [ledger.resolve(one) for one in cycle.classes]
    last = history.labels[-1]
    sure = None if history.confidence is None else np.asarray(history.confidence[-1], dtype=np.float64)
    free = askable(project, (str(i) for i in history.ids), by)
    predicted = {str(i): classes[int(label)] for i, label in zip(history.ids, last, strict=True) if str(i) in free}
    if class_id is None:
        common = Counter(predicted.values()).most_common(1)
        wanted = common[0][0] if common else None
    else:
        wanted = ledger.resolve(class_id)
    place = {str(i): n for n, i in enumerate(history.ids)}
    rows = [(None if sure is None else float(sure[place[i]]), i) for i, label in predicted.items() if label == wanted]
    rows.sort(key=lambda row: (-(row[0] or 0.0), row[1]))
    groups, seen, shown = near_copies(project), set[str](), list[dict[str, Any]]()
    for confidence, image in rows:
        group = groups.get(image, image)
        if group not in seen and project.path_of(image) is not None:
            seen.add(group)
            shown.append({"image": image, "predicted": wanted, "confidence": confidence})
        if len(shown) == count:
            break
    return shown
