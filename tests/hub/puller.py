"""A process that pulls: to be killed."""

from __future__ import annotations

import sys
from pathlib import Path

from crispd.hub.download import RepositoryDownload
from crispd.hub.endpoint import Endpoint, Hub
from crispd.hub.repository import RepositoryName
from crispd.packs.foreign import wanted_files


def main() -> None:
    url, name, folder = sys.argv[1:]
    repository = RepositoryName.parse(name)
    with Hub(Endpoint(url)) as hub:
        commit = hub.commit(repository)
        every = {file.path: file for file in hub.files(repository, commit)}
        files = [every[path] for path in wanted_files(every)]
        RepositoryDownload(hub, repository, commit, Path(folder)).run(files)


if __name__ == "__main__":
    main()
