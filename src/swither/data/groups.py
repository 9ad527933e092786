"""What must stay on one side of a split: exact copies, and images of one patient, video or product."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np

from swither.arrays import IntArray, StrArray
from swither.errors import InputError, list_some

_COPY = re.compile(r"(?P<content>[0-9a-f]{32})-\d+")


def content_of(image_id: str) -> str:
    """The content hash of an id: the id without the number of its copy.

    Example:
        >>> content_of("0123456789abcdef0123456789abcdef-2")
        '0123456789abcdef0123456789abcdef'
    """
    copy = _COPY.fullmatch(image_id)
    return copy["content"] if copy else image_id


def groups_by(paths: Iterable[str], how: str) -> StrArray:
    r"""The group of each image, read from its path.

    Args:
        paths: (samples,) paths as `ImageSet.paths` holds them.
        how: ``"folder"`` for the folder that the file lies in (its whole path, so equal names below different
            folders stay apart), or a regular expression with one group, searched in the path: what the group
            catches is the name.

    Returns:
        (samples,) group names.

    Raises:
        InputError: the pattern is no regular expression, has no single group, or finds nothing in some paths.

    Example:
        >>> groups_by(["a/patient7_1.png", "b/patient7_2.png"], r"(patient\d+)_").tolist()
        ['patient7', 'patient7']
        >>> groups_by(["a/1.png", "b/c/2.png"], "folder").tolist()
        ['a', 'b/c']
    """
    paths = [str(path) for path in paths]
    if how == "folder":
        return np.array([path.replace("\\", "/").rpartition("/")[0] or "." for path in paths], dtype=np.str_)
    found = list(map(_searcher(how).search, paths))
    names = [match[1] if match else None for match in found]
    without = [path for path, name in zip(paths, names, strict=True) if not name]
    if without:
        raise InputError(
            f"Expected the pattern '{how}' to find a group in every path (with its class folder), but it finds none "
            f"in {len(without)} of {len(paths)}: {list_some(without, most=3)}. "
            "Change the pattern, or group by 'folder' or by a column of a Parquet file."
        )
    return np.array(names, dtype=np.str_)


def _searcher(how: str) -> re.Pattern[str]:
    try:
        pattern = re.compile(how)
    except re.error as error:
        raise InputError(f"'{how}' is no regular expression: {error}.") from error
    if pattern.groups != 1:
        raise InputError(
            f"Expected 'folder' or a pattern with one group in round brackets, such as '(patient[0-9]+)_', "
            f"got '{how}' with {pattern.groups}. Mark what names the group with one pair of brackets; "
            "write (?:...) for the others."
        )
    return pattern


def kept_together(ids: Sequence[str] | StrArray, groups: Sequence[str] | StrArray | None) -> IntArray:
    """Number the sets of images that a split may not part.

    Copies belong together, and so do images of one group. Both rules hold at once, so an image that lies in
    two groups (as two copies) joins the two groups.

    Args:
        ids: (samples,) ids.
        groups: (samples,) group names, "" for an image of no group; None where there are no groups.

    Returns:
        (samples,) numbers 0, 1, ...; equal for images that belong together.

    Example:
        >>> kept_together(["a", "b", "c"], ["x", "y", "x"]).tolist()
        [0, 1, 0]
    """
    from scipy.sparse import coo_array  # late: whoever only reads folders waits for none of it
    from scipy.sparse.csgraph import connected_components

    if len(ids) == 0:
        return np.zeros(0, dtype=np.int64)
    contents, content = np.unique([content_of(str(i)) for i in ids], return_inverse=True)
    if groups is None:
        return content.astype(np.int64)
    names, group = np.unique(np.asarray(groups, dtype=np.str_), return_inverse=True)
    grouped = names[group] != ""
    edges = (content[grouped], len(contents) + group[grouped])
    size = len(contents) + len(names)
    graph = coo_array((np.ones(len(edges[0]), dtype=np.int8), edges), shape=(size, size))
    numbers = connected_components(graph, directed=False)[1][content]  # (samples,)
    return np.unique(numbers, return_inverse=True)[1].astype(np.int64)
