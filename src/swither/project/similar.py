"""More like this: unlabelled images whose embeddings are near one's; for classes that are rare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from swither.project.askable import askable
from swither.project.embeddings import pool_features
from swither.project.near_copies import near_copies
from swither.project.nearness import nearest

if TYPE_CHECKING:
    from swither.project.project import Project


def similar(project: Project, image: str, count: int, by: str | None = None) -> list[str]:
    """Images without an answer that look most like one, one of each group of near copies.

    Images that test are not among them: what is found by looking for it is no uniform draw.

    Args:
        project: whose images.
        image: to which the others shall be similar.
        count: how many, at most.
        by: who asks; None leaves out all that is open before anybody.

    Returns:
        Ids, the most similar first; none where the image, or nothing else, has been embedded.
    """
    pool = pool_features(project)
    if pool is None:
        return []
    free = askable(project, (str(i) for i in pool.ids), by)
    groups, seen, found = near_copies(project), set[str](), list[str]()
    for other, _ in nearest(pool, image, free, len(pool.ids)):
        group = groups.get(other, other)
        if group not in seen:
            seen.add(group)
            found.append(other)
        if len(found) == count:
            break
    return found
