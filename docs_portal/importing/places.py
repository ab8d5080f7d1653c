"""Where each file of a folder stands in the manual: order, parent, role, address."""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Mapping

from django.utils.text import slugify

from catalog.models import ProductRole
from docs_portal.importing.folder import INDEX_NAMES, Folder, SourceFile, folder_title

ADDRESS_MAX = 120


def address_of(wish: str) -> str:
    """The address that is made of a wish; a long one keeps its end, which tells it apart."""
    slug = slugify(wish, allow_unicode=True)
    return (slug if len(slug) <= ADDRESS_MAX else slug[-ADDRESS_MAX:]).strip("-")


class Places:
    """The tree of a folder. A folder without a page of its own gets one, `made`, under its path
    with a slash behind it.
    """

    def __init__(
        self, folder: Folder, role: ProductRole | None, parts: Mapping[str, ProductRole]
    ) -> None:
        self._role, self._parts = role, parts
        self.made: dict[str, SourceFile] = {}
        self._front: dict[str, str] = {}
        for path in folder.folders():
            if not path:
                continue
            index = self._index_of(folder, path)
            if index is None:
                index = f"{path}/"
                title = folder_title(posixpath.basename(path))
                self.made[index] = SourceFile(index, title, "")
            self._front[path] = index
        self._files = {**folder.files, **self.made}
        self._below: dict[str, list[str]] = defaultdict(list)
        for path in self._in_order(folder):
            self._below[self.parent_of(path)].append(path)
        self.order = list(self._walk(""))
        self._shared = self._shared_addresses()

    def parent_of(self, path: str) -> str:
        """The path of the page above; "" at the top of the manual."""
        folder = posixpath.dirname(path.rstrip("/"))
        front = self._front.get(folder, "")
        if front == path:
            front = self._front.get(posixpath.dirname(folder), "")
        return front

    def title_of(self, path: str) -> str:
        return self._files[path].title

    def below(self, path: str) -> list[str]:
        """The pages directly below one, in order."""
        return self._below.get(path, [])

    def position_of(self, path: str) -> int:
        return self._below[self.parent_of(path)].index(path) + 1

    def role_of(self, path: str) -> ProductRole | None:
        """Whose a file is: of the nearest subfolder with a role, else of the whole folder."""
        folder = path.rstrip("/") if path.endswith("/") else posixpath.dirname(path)
        while folder:
            if folder in self._parts:
                return self._parts[folder]
            folder = posixpath.dirname(folder)
        return self._role

    def shows(self, path: str, below: str) -> bool:
        """Whether everybody who reads one page may know the title of another."""
        other = self.role_of(below)
        said = self._files[below].settings.get("roles")
        return not said and (other is None or other == self.role_of(path))

    def slug_of(self, path: str) -> str:
        """The address made of a path: the same one for the same file of two roles' subfolders."""
        return self._shared.get(path) or self._slug(path)

    def _slug(self, path: str) -> str:
        stem = path.rstrip("/") if path.endswith("/") else posixpath.splitext(path)[0]
        if self._front.get(posixpath.dirname(path)) == path:
            stem = posixpath.dirname(path)
        return address_of(stem.replace("/", "-")) or address_of(f"page-{len(stem)}")

    def _shared_addresses(self) -> dict[str, str]:
        """Addresses of files that stand at the same place in the subfolders of several roles."""
        same: dict[str, list[str]] = defaultdict(list)
        for path in self._files:
            for part in self._parts:
                if path.startswith(f"{part}/") and path != f"{part}/":
                    above = posixpath.dirname(part)
                    same[posixpath.join(above, path.removeprefix(f"{part}/"))].append(path)
        taken = {self._slug(path) for path in self._files}
        found: dict[str, str] = {}
        for place, paths in same.items():
            address = self._slug(place)
            roles = {self.role_of(path) for path in paths}
            if len(paths) > 1 and len(roles) == len(paths) and address not in taken:
                found.update(dict.fromkeys(paths, address))
        return found

    def _index_of(self, folder: Folder, path: str) -> str | None:
        inside = {
            posixpath.splitext(posixpath.basename(name))[0].lower(): name
            for name, file in folder.files.items()
            if file.folder == path
        }
        return next((inside[name] for name in INDEX_NAMES if name in inside), None)

    def _in_order(self, folder: Folder) -> list[str]:
        """Files and folders of each level as the folder lists them: a `position` said in a file
        first, then by name.
        """
        listed = {path: place for place, path in enumerate((*folder.files, *self.made))}

        def place(path: str) -> tuple[int, int, int]:
            said = self._files[path].settings.get("position")
            return (said if isinstance(said, int) else 10**6, path.count("/"), listed[path])

        return sorted(listed, key=place)

    def _walk(self, path: str) -> list[str]:
        found: list[str] = []
        for below in self._below.get(path, []):
            found += [below, *self._walk(below)]
        return found
