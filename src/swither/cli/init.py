"""``swither init``: begin a project in a folder of images."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

EXAMPLES = """Examples:

  swither init photographs
      labels will lie in photographs/.swither
  swither init photographs --project ~/projects/birds
      they will lie elsewhere; your folder of images is only read"""


def init(
    folder: Annotated[Path, Parameter(help="Folder of images; sub-folders count.")],
    /,
    *,
    project: Annotated[Path | None, Parameter(help="Where labels are kept; by default FOLDER/.swither.")] = None,
    name: Annotated[str | None, Parameter(help="Of the project; by default the folder's.")] = None,
    seed: Annotated[int, Parameter(help="Of everything that is drawn, such as the images that test.")] = 0,
) -> int:
    """Begin a project, and say what is in the folder. `swither label` does this by itself.

    Your images stay as they are. A project that was begun before is left as it is.
    """
    from swither.cli.project_text import at, show
    from swither.project.discovery import Discovery
    from swither.project.project import Project
    from swither.project.settings import FILE
    from swither.project.status import status_of, where_it_stands

    begun = not (at(folder, project) / FILE).exists()
    settings = {"seed": seed} if name is None else {"seed": seed, "name": name}
    with Project.open_or_create(folder, project, **settings) as opened:
        Discovery(opened).run()
        status = status_of(opened)
        show(f"Begun: {opened.folder}" if begun else f"There is a project already: {opened.folder}")
        show(*where_it_stands(opened, status)[1:2])
        where = opened.images if project is None else opened.folder
        show(f"Next: swither label {where}", f"Labels that exist already: swither import LABELS {where}")
    return 0
