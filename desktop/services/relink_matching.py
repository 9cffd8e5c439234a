"""Which of the folders that a scan found holds which adapter that is looked for.

Never by name alone: names only choose between folders that hold the same.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence

from desktop.services.relink_records import Ambiguous, Copy, Lost, Match, MatchedBy, NotFound
from desktop.services.scan.records import Found, FoundState

_NO_ADAPTER = (FoundState.GONE, FoundState.NOT_PEFT)
Decided = tuple[list[Match], list[Ambiguous], list[NotFound]]


class Candidates:
    """The folders of a scan, by what is in them."""

    def __init__(self, found: Iterable[Found], lost: Collection[str], left_out: Sequence[str]):
        """lost: ids of the adapters that are looked for; left_out: folders whose contents are
        nobody's (trash, staging)."""
        self._lost = frozenset(lost)
        self._by_content: dict[str, list[Found]] = defaultdict(list)
        self._by_print: dict[str, list[Found]] = defaultdict(list)
        self._by_sizes: dict[str, list[Found]] = defaultdict(list)
        spared = tuple(folder.rstrip(os.sep) + os.sep for folder in left_out)
        for one in found:
            if one.state in _NO_ADAPTER or not one.fingerprint or one.path.startswith(spared):
                continue
            if one.content_id:
                self._by_content[one.content_id].append(one)
            self._by_print[one.fingerprint].append(one)
            self._by_sizes[sizes_of(one.fingerprint)].append(one)

    def copies_of(self, lost: Lost) -> tuple[Copy, ...]:
        """The folders that hold this adapter, best first: free ones, then those whose path ends
        most like the old one."""
        if lost.content_id:
            by, found = MatchedBy.CONTENT, self._by_content.get(lost.content_id, [])
        elif lost.fingerprint in self._by_print:
            by, found = MatchedBy.FINGERPRINT, self._by_print[lost.fingerprint]
        elif lost.fingerprint:
            by, found = MatchedBy.SIZES, self._by_sizes.get(sizes_of(lost.fingerprint), [])
        else:
            return ()
        copies = [
            Copy(one, by, shared_end(lost.path, one.path), self._taken(one))
            for one in found
            if one.adapter_id != lost.adapter_id
        ]
        return tuple(sorted(copies, key=_best_first))

    def _taken(self, one: Found) -> str:
        # Where another one lies that is looked for itself, that one is about to leave.
        if one.adapter_id is None or one.adapter_id in self._lost:
            return ""
        return one.adapter_name or one.adapter_id


def decide(
    lost: Sequence[Lost],
    copies_of: Callable[[Lost], tuple[Copy, ...]],
    reason: Callable[[Lost], str],
) -> Decided:
    """Give each adapter the one folder that is surely its own, where there is one."""
    copies = {one.adapter_id: copies_of(one) for one in lost}
    chosen: dict[str, Copy] = {}
    for one in lost:
        best = _clear_best(copies[one.adapter_id])
        if best is not None:
            chosen[one.adapter_id] = best
    _settle_rivals(lost, chosen)
    _take_what_is_left(lost, copies, chosen)
    matches, ambiguous, missing = [], [], []
    for one in lost:
        its, copy = copies[one.adapter_id], chosen.get(one.adapter_id)
        if copy is not None:
            matches.append(Match(one, copy, its))
        elif its:
            ambiguous.append(Ambiguous(one, its))
        else:
            missing.append(NotFound(one, reason(one)))
    return matches, ambiguous, missing


def _clear_best(copies: Sequence[Copy]) -> Copy | None:
    """The copy that is the only sure one, or whose path says more than those of all others."""
    sure = [copy for copy in copies if copy.is_sure]
    if len(sure) == 1 or (len(sure) > 1 and sure[0].shared > sure[1].shared):
        return sure[0]
    return None


def _settle_rivals(lost: Sequence[Lost], chosen: dict[str, Copy]) -> None:
    """Where several adapters with the same weights claim one folder, the one whose path says so
    most gets it; two rows that were at one place before may be so again."""
    claims: dict[str, list[Lost]] = defaultdict(list)
    for one in lost:
        if one.adapter_id in chosen:
            claims[chosen[one.adapter_id].path].append(one)
    for rivals in claims.values():
        if len({one.path for one in rivals}) < 2:
            continue
        most = max(chosen[one.adapter_id].shared for one in rivals)
        best = [one for one in rivals if chosen[one.adapter_id].shared == most]
        winner = best[0].path if len({one.path for one in best}) == 1 else None
        for one in rivals:
            if winner is None or one.path != winner:
                del chosen[one.adapter_id]


def _take_what_is_left(
    lost: Sequence[Lost], copies: dict[str, tuple[Copy, ...]], chosen: dict[str, Copy]
) -> None:
    """Of several equal copies those that others have are no choice: what one is left with is its
    own, unless somebody else is left with the same."""
    while True:
        claimed = {copy.path for copy in chosen.values()}
        left: dict[str, Copy] = {}
        for one in lost:
            if one.adapter_id in chosen:
                continue
            free = [c for c in copies[one.adapter_id] if c.is_sure and c.path not in claimed]
            if len(free) == 1:
                left[one.adapter_id] = free[0]
        wanted = Counter(copy.path for copy in left.values())
        fresh = {key: copy for key, copy in left.items() if wanted[copy.path] == 1}
        if not fresh:
            return
        chosen |= fresh


def sizes_of(fingerprint: str) -> str:
    """A fingerprint without its times: names and sizes of config and weights."""
    return "|".join(part.rpartition(":")[0] for part in fingerprint.split("|"))


def shared_end(old: str | None, new: str) -> int:
    """How many names at the end of two paths are the same."""
    if old is None:
        return 0
    count = 0
    for a, b in zip(_names(old), _names(new), strict=False):
        if a != b:
            break
        count += 1
    return count


def _names(path: str) -> list[str]:
    return [name for name in os.path.normpath(path).split(os.sep) if name][::-1]


def _best_first(copy: Copy) -> tuple[bool, int, str]:
    return bool(copy.taken_by), -copy.shared, copy.path
