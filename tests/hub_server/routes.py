"""What the test hub answers: one function from a request to an answer, no sockets."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

from tests.hub_server.answers import (
    Answer,
    content_type,
    cursor,
    file_bytes,
    header_text,
    refusal,
    signature,
    to_json,
)
from tests.hub_server.repos import Repo

ACTIONS = {"revision", "tree", "refs", "auth-check", "commits", "paths-info", "resolve"}

LIST_FIELDS = ["_id", "id", "modelId", "likes", "private", "downloads", "tags", "pipeline_tag"]
LIST_FIELDS += ["library_name", "createdAt"]
FULL_FIELDS = [*LIST_FIELDS, "author", "sha", "lastModified", "gated", "disabled", "siblings"]
SORTS = {"downloads", "likes", "lastModified", "createdAt", "trendingScore"}


@dataclass(frozen=True)
class User:
    """An account: the ids of private and gated repositories that it may read."""

    name: str
    token: str
    can_read: set[str]
    role: str = "read"


class _Refused(Exception):
    def __init__(self, status: int, message: str, code: str = "") -> None:
        super().__init__(message)
        self.answer = refusal(status, message, code)


class Routes:
    """The hub's routes over its repositories and users."""

    def __init__(self) -> None:
        self.url = ""
        self.lfs_host = ""
        self.prefix = ""
        self.repos: dict[str, Repo] = {}
        self.users: dict[str, User] = {}
        self.page_size = 20
        self.tree_page_size = 1000
        self.resolve_cache = False
        self.xet = False

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Answer:
        """The answer to one request. target: path and query as they came; header names in lower
        case. The body is there for HEAD too; the wire leaves it out."""
        split = urlsplit(target)
        query = parse_qs(split.query, keep_blank_values=True)
        try:
            if split.path.startswith("/lfs/"):
                return self._lfs(split.path, query, headers)
            if not split.path.startswith(f"{self.prefix}/"):
                raise _Refused(404, "Sorry, we can't find the page you are looking for.")
            path = split.path.removeprefix(self.prefix)
            user = self._user(headers)
            if path == "/api/whoami-v2":
                return self._whoami(user)
            if path == "/api/models":
                return self._list(query, user)
            parts = path.strip("/").split("/")
            if parts[:2] == ["api", "models"] and len(parts) > 2:
                return self._model(parts[2:], query, user, method, body)
            if parts[:3] == ["api", "resolve-cache", "models"]:
                return self._resolve_cache(parts[3:], user, headers)
            if "resolve" in parts[1:3]:
                return self._resolve(parts, user, headers)
            raise _Refused(404, "Sorry, we can't find the page you are looking for.")
        except _Refused as refused:
            return refused.answer

    # -- who asks, and for what ----------------------------------------------------------------

    def _user(self, headers: dict[str, str]) -> User | None:
        given = headers.get("authorization")
        if given is None:
            return None
        kind, _, token = given.partition(" ")
        if kind.lower() != "bearer" or token not in self.users:
            raise _Refused(401, "Invalid credentials in Authorization header")
        return self.users[token]

    def _may(self, repo: Repo, user: User | None) -> bool:
        if user is None:
            return False
        named = {repo.id, repo.shown_id}
        return bool(named & user.can_read) or repo.id.split("/")[0] == user.name

    def _repo(self, repo_id: str, user: User | None, moved: Callable[[str], str]) -> Repo:
        repo = self.repos.get(repo_id)
        if repo is None:
            named = [r for r in self.repos.values() if r.renamed_to == repo_id]
            repo = named[0] if named else None
        if repo is None or (repo.private and not self._may(repo, user)):
            if user is None:
                raise _Refused(401, "Invalid username or password.", "RepoNotFound")
            raise _Refused(404, "Repository not found", "RepoNotFound")
        if repo.disabled:
            raise _Refused(403, "Access to this resource is disabled.")
        if repo.renamed_to and repo_id == repo.id:
            refused = _Refused(307, "Moved")
            refused.answer = Answer(
                307,
                {"Location": moved(repo.renamed_to), "Content-Type": "text/plain"},
                b"Temporary Redirect. Redirecting to the new name.",
            )
            raise refused
        return repo

    def _open(self, repo: Repo, user: User | None) -> None:
        """Raises unless the files of a gated repository may be read."""
        if not repo.gated or self._may(repo, user):
            return
        stem = f"Access to model {repo.shown_id} is restricted"
        if user is None:
            raise _Refused(
                401,
                f"{stem}. You must have access to it and be authenticated to access it."
                " Please log in.",
                "GatedRepo",
            )
        raise _Refused(
            403,
            f"{stem} and you are not in the authorized list."
            f" Visit {self.url}/{repo.shown_id} to ask for access.",
            "GatedRepo",
        )

    def _split(self, parts: list[str]) -> tuple[str, list[str]]:
        """The id at the head of a path, and what follows."""
        if len(parts) == 1 or parts[1] in ACTIONS:
            return unquote(parts[0]), parts[1:]
        return "/".join(unquote(part) for part in parts[:2]), parts[2:]

    # -- small answers -------------------------------------------------------------------------

    def _whoami(self, user: User | None) -> Answer:
        if user is None:
            raise _Refused(401, "Invalid username or password.")
        return to_json(
            {
                "type": "user",
                "id": hashlib.sha1(user.name.encode()).hexdigest()[:24],
                "name": user.name,
                "fullname": user.name.title(),
                "isPro": False,
                "orgs": [],
                "auth": {
                    "type": "access_token",
                    "accessToken": {"displayName": "tests", "role": user.role},
                },
            }
        )

    def _model(
        self,
        parts: list[str],
        query: dict[str, list[str]],
        user: User | None,
        method: str,
        body: bytes,
    ) -> Answer:
        repo_id, rest = self._split(parts)
        tail = "".join(f"/{part}" for part in rest)
        asked = "?" + urlencode(query, doseq=True) if query else ""
        repo = self._repo(
            repo_id, user, lambda name: f"{self.prefix}/api/models/{name}{tail}{asked}"
        )
        action = rest[0] if rest else "revision"
        if action == "auth-check":
            self._open(repo, user)
            return to_json("OK")
        if action == "refs":
            return to_json(self._refs(repo))
        revision = unquote(rest[1]) if len(rest) > 1 else "main"
        try:
            commit = repo.at(revision)
        except KeyError:
            raise _Refused(404, f"Invalid rev id: {revision}", "RevisionNotFound") from None
        if action == "revision" and len(rest) < 3:
            said = repo.properties(commit, blobs=_on(query, "blobs"))
            if chosen := [*query.get("expand", ()), *query.get("expand[]", ())]:
                said = {key: said[key] for key in ("_id", "id", *chosen) if key in said}
            return to_json(said)
        if action == "tree":
            folder = "/".join(unquote(part) for part in rest[2:])
            try:
                rows = repo.tree(commit, folder, recursive=_on(query, "recursive"))
            except KeyError:
                message = f'{folder} does not exist on "{revision}"'
                raise _Refused(404, message, "EntryNotFound") from None
            return self._page(rows, f"/api/models/{'/'.join(parts)}", query, self.tree_page_size)
        if action == "commits":
            return to_json(
                [
                    {
                        "id": sha,
                        "title": "Upload",
                        "message": "",
                        "authors": [{"user": repo.id.split("/")[0]}],
                        "date": repo.last_modified,
                    }
                    for sha in repo.history(commit.sha)
                ]
            )
        if action == "paths-info" and method == "POST":
            asked_for = set(parse_qs(body.decode()).get("paths", ()))
            rows = repo.tree(commit, "", recursive=True)
            return to_json([row for row in rows if row["path"] in asked_for])
        raise _Refused(404, "Sorry, we can't find the page you are looking for.")

    def _refs(self, repo: Repo) -> dict[str, Any]:
        def rows(kind: str, held: dict[str, str]) -> list[dict[str, str]]:
            return [
                {"name": name, "ref": f"refs/{kind}/{name}", "targetCommit": commit}
                for name, commit in held.items()
            ]

        return {
            "branches": rows("heads", repo.branches),
            "tags": rows("tags", repo.tags),
            "converts": [],
            "pullRequests": [],
        }

    # -- lists ---------------------------------------------------------------------------------

    def _list(self, query: dict[str, list[str]], user: User | None) -> Answer:
        found: Iterable[Repo] = [
            repo
            for repo in self.repos.values()
            if not repo.disabled and (not repo.private or self._may(repo, user))
        ]
        for wanted in query.get("filter", ()):
            for tag in wanted.split(","):
                found = [repo for repo in found if tag in repo.all_tags]
        if text := _last(query, "search").lower():
            found = [repo for repo in found if text in repo.shown_id.lower()]
        if author := _last(query, "author"):
            found = [repo for repo in found if repo.shown_id.split("/")[0] == author]
        if gated := _last(query, "gated"):
            found = [repo for repo in found if bool(repo.gated) == (gated.lower() == "true")]
        if pipeline := _last(query, "pipeline_tag"):
            found = [repo for repo in found if repo.pipeline == pipeline]
        rows = [r.properties(r.commits[r.commit], blobs=False) for r in found]
        sort = _last(query, "sort") or "trendingScore"
        if sort not in SORTS:
            raise _Refused(400, f"Invalid sort parameter: {sort}")
        rows.sort(key=lambda row: str(row["id"]))
        rows.sort(key=lambda row: _key(row[sort]), reverse=True)
        if chosen := [*query.get("expand", ()), *query.get("expand[]", ())]:
            fields = ["_id", "id", *chosen]
        else:
            fields = FULL_FIELDS if _on(query, "full") else LIST_FIELDS
            if _on(query, "cardData"):
                fields = [*fields, "cardData"]
        shown = [{key: row[key] for key in fields if key in row} for row in rows]
        return self._page(shown, "/api/models", query, self.page_size)

    def _page(
        self, rows: Sequence[Any], path: str, query: dict[str, list[str]], size: int
    ) -> Answer:
        try:
            limit = int(_last(query, "limit") or 1000)
            given = _last(query, "cursor")
            at = int(json.loads(base64.urlsafe_b64decode(given))["at"]) if given else 0
        except (ValueError, KeyError, TypeError):
            raise _Refused(400, "Invalid cursor or limit") from None
        end = at + max(1, min(size, limit))
        answer = to_json(rows[at:end])
        if end < len(rows):
            following = urlencode({**query, "cursor": [cursor(end)]}, doseq=True)
            answer.headers["Link"] = f'<{self.url}{path}?{following}>; rel="next"'
        return answer

    # -- bytes ---------------------------------------------------------------------------------

    def _resolve(
        self, parts: list[str], user: User | None, headers: dict[str, str], *, cached: bool = False
    ) -> Answer:
        repo_id, rest = self._split(parts)
        repo = self._repo(repo_id, user, lambda name: f"{self.prefix}/{name}/{'/'.join(rest)}")
        self._open(repo, user)
        if len(rest) < 3:
            raise _Refused(404, "Entry not found", "EntryNotFound")
        revision, name = unquote(rest[1]), "/".join(unquote(part) for part in rest[2:])
        try:
            commit = repo.at(revision)
        except KeyError:
            raise _Refused(404, f"Invalid rev id: {revision}", "RevisionNotFound") from None
        said = {"X-Repo-Commit": header_text(repo.shown_commit(commit))}
        try:
            blob = repo.blob(commit, name)
        except KeyError:
            answer = refusal(404, "Entry not found", "EntryNotFound")
            answer.headers.update(said)
            return answer
        etag = header_text(f'"{blob.etag}"' if repo.etag_says is None else repo.etag_says)
        if not blob.in_lfs:
            if self.resolve_cache and not cached:
                place = f"{self.prefix}/api/resolve-cache/models/{repo.shown_id}/{commit.sha}"
                place += f"/{quote(name)}"
                said |= {"Location": place, "X-Linked-Etag": etag, "X-Linked-Size": str(blob.size)}
                return Answer(307, {**said, "Content-Type": "text/plain"}, b"Temporary Redirect.")
            return file_bytes(
                blob, headers, {**said, "ETag": etag, "Content-Type": content_type(name)}
            )
        place = f"/lfs/{quote(repo.shown_id)}/{blob.sha256}/{quote(name)}"
        said |= {
            "Location": f"{self.lfs_host}{place}?Signature={signature(place)}",
            "X-Linked-Etag": etag,
            "X-Linked-Size": str(blob.size),
            "Content-Type": "text/plain; charset=utf-8",
        }
        if self.xet:
            said["X-Xet-Hash"] = blob.sha256[::-1]
            route = f"{self.url}/api/models/{repo.shown_id}/xet-read-token/{commit.sha}"
            said["Link"] = f'<{route}>; rel="xet-auth"'
        return Answer(302, said, b"Found. Redirecting.")

    def _resolve_cache(
        self, parts: list[str], user: User | None, headers: dict[str, str]
    ) -> Answer:
        found = [i for i, part in enumerate(parts) if i and re.fullmatch("[0-9a-f]{40}", part)]
        if not found:
            raise _Refused(404, "Entry not found", "EntryNotFound")
        rest = ["resolve", *parts[found[0] :]]
        return self._resolve([*parts[: found[0]], *rest], user, headers, cached=True)

    def _lfs(self, path: str, query: dict[str, list[str]], headers: dict[str, str]) -> Answer:
        # What a signed address lets one do, it lets anybody do: no token is looked at here.
        if _last(query, "Signature") != signature(path):
            return Answer(403, {"Content-Type": "application/xml"}, b"<Error>AccessDenied</Error>")
        parts = path.split("/")
        at = next(i for i, part in enumerate(parts) if re.fullmatch("[0-9a-f]{64}", part))
        repo_id, sha256 = unquote("/".join(parts[2:at])), parts[at]
        for repo in self.repos.values():
            if repo_id not in (repo.id, repo.shown_id):
                continue
            for commit in repo.commits.values():
                for blob in commit.files.values():
                    if blob.in_lfs and blob.sha256 == sha256:
                        said = {"ETag": f'"{sha256}"', "Content-Type": "application/octet-stream"}
                        return file_bytes(blob, headers, said)
        return Answer(404, {"Content-Type": "application/xml"}, b"<Error>NoSuchKey</Error>")


def _key(value: Any) -> Any:
    return (isinstance(value, str), value) if isinstance(value, int | str) else (False, 0)


def _last(query: dict[str, list[str]], name: str) -> str:
    return query.get(name, [""])[-1]


def _on(query: dict[str, list[str]], name: str) -> bool:
    return _last(query, name).lower() in {"1", "true"}
