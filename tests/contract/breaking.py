"""What in an API's description would break a caller written against the one released before.

`python -m tests.contract.breaking` compares openapi/openapi.json with that of the last version tag.
"""

# ruff: noqa: T201  # a command prints what it found

import json
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
DESCRIPTION = "openapi/openapi.json"

# A caller is broken when what it sends is taken less widely, or what it reads may be more.
_MOST = ("maxLength", "maxItems", "maxProperties", "maximum", "exclusiveMaximum")
_LEAST = ("minLength", "minItems", "minProperties", "minimum", "exclusiveMinimum")
_METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})

_TYPES = frozenset({"string", "integer", "number", "boolean", "array", "object", "null"})
_RELEASE = re.compile(r"^## \[\d", re.MULTILINE)
_PLACE = re.compile(r"[A-Z]+ [^\s:]+")

Part = Mapping[str, Any]


class Comparison:
    """Two descriptions, and the schemas of them that are being compared."""

    def __init__(self, old: Part, new: Part) -> None:
        self._old = old
        self._new = new
        self._met: set[tuple[str, str, bool]] = set()

    def breaks(self) -> Iterator[str]:
        """Every change that breaks a caller, in a sentence that names the place."""
        for path, item in self._old["paths"].items():
            for method in sorted(_METHODS & item.keys()):
                place = f"{method.upper()} {path}"
                now = self._new["paths"].get(path, {}).get(method)
                if now is None:
                    yield f"{place}: removed"
                else:
                    yield from self._operation(place, item[method], now)

    def _operation(self, place: str, old: Part, new: Part) -> Iterator[str]:
        if old.get("operationId") != new.get("operationId"):
            yield f"{place}: operationId changed, by which generated clients call it"
        yield from self._security(place, old, new)
        yield from self._parameters(place, old, new)
        yield from self._body(place, old.get("requestBody"), new.get("requestBody"))
        for status, answer in old["responses"].items():
            where = f"{place} {status}"
            now = self._at(self._new, new["responses"].get(status))
            if not now:
                yield f"{where}: response removed"
                continue
            was = self._at(self._old, answer)
            for header in was.get("headers", {}).keys() - now.get("headers", {}).keys():
                yield f"{where}: header {header} removed"
            yield from self._content(where, was, now, sent=False)

    def _security(self, place: str, old: Part, new: Part) -> Iterator[str]:
        before = old.get("security", self._old.get("security", [])) or [{}]
        after = new.get("security", self._new.get("security", [])) or [{}]
        for had in before:
            if not any(_suffices(had, asked) for asked in after):
                yield f"{place}: {json.dumps(had)} is no longer enough to call it"

    def _parameters(self, place: str, old: Part, new: Part) -> Iterator[str]:
        before, after = self._named(self._old, old), self._named(self._new, new)
        for key in before.keys() - after.keys():
            yield f"{place}: {key[0]} parameter {key[1]} removed"
        for key, now in after.items():
            was = before.get(key)
            where = f"{place} {key[0]} {key[1]}"
            if now.get("required") and not (was or {}).get("required"):
                yield f"{where}: now required"
            if was is not None:
                yield from self._schema(where, was["schema"], now["schema"], sent=True)

    def _named(self, document: Part, operation: Part) -> dict[tuple[str, str], Part]:
        found = (self._at(document, one) for one in operation.get("parameters", ()))
        return {(one["in"], one["name"]): one for one in found}

    def _body(self, place: str, old: Part | None, new: Part | None) -> Iterator[str]:
        was, now = self._at(self._old, old), self._at(self._new, new)
        if now.get("required") and not was.get("required"):
            yield f"{place}: body now required"
        if old is not None:
            yield from self._content(f"{place} body", was, now, sent=True)

    def _content(self, place: str, old: Part, new: Part, *, sent: bool) -> Iterator[str]:
        for media, was in old.get("content", {}).items():
            now = new.get("content", {}).get(media)
            if now is None:
                yield f"{place}: {media} removed"
            else:
                yield from self._schema(
                    place, was.get("schema", {}), now.get("schema", {}), sent=sent
                )

    def _schema(self, place: str, old: Part, new: Part, *, sent: bool) -> Iterator[str]:
        names = str(old.get("$ref", "")), str(new.get("$ref", ""))
        if all(names):
            if (*names, sent) in self._met:
                return
            self._met.add((*names, sent))
        old, new = self._at(self._old, old), self._at(self._new, new)
        befores, afters = self._choices(old), self._choices(new)
        if len(befores) > 1 or len(afters) > 1:
            yield from self._alternatives(place, befores, afters, sent=sent)
            return
        yield from _kinds(place, old, new, sent=sent)
        yield from _values(place, old, new, sent=sent)
        yield from _limits(place, old, new, sent=sent)
        yield from self._parts(place, old, new, sent=sent)

    def _alternatives(
        self, place: str, befores: list[Part], afters: list[Part], *, sent: bool
    ) -> Iterator[str]:
        """Each alternative must still have one that takes it in."""
        given, taken = (befores, afters) if sent else (afters, befores)
        for one in given:
            found: list[str] | None = None
            for other in taken:
                # What was met while trying an alternative says nothing of the others.
                kept, self._met = self._met, set(self._met)
                pair = (one, other) if sent else (other, one)
                tried = list(self._schema(place, *pair, sent=sent))
                self._met = kept
                if found is None or len(tried) < len(found):
                    found = tried
            yield from found or ()

    def _parts(self, place: str, old: Part, new: Part, *, sent: bool) -> Iterator[str]:
        before, after = old.get("properties", {}), new.get("properties", {})
        for name in before.keys() - after.keys():
            if not sent or new.get("additionalProperties") is False:
                yield f"{place}.{name}: removed"
        needed, needs = set(old.get("required", ())), set(new.get("required", ()))
        if sent:
            yield from (f"{place}.{name}: now required" for name in needs - needed)
        else:
            gone = needed - needs & after.keys()
            yield from (f"{place}.{name}: may now be left out" for name in gone & after.keys())
        for name in before.keys() & after.keys():
            yield from self._schema(f"{place}.{name}", before[name], after[name], sent=sent)
        for inner in ("items", "additionalProperties"):
            was, now = old.get(inner, True), new.get(inner, True)
            if isinstance(was, dict) and isinstance(now, dict):
                yield from self._schema(f"{place}[]", was, now, sent=sent)
            elif sent and was is not False and now is False:
                yield f"{place}: takes no further fields any more"

    def _choices(self, schema: Part) -> list[Part]:
        """The alternatives of a schema; one schema is its own only one."""
        listed = schema.get("anyOf") or schema.get("oneOf")
        if listed is None:
            return [schema]
        return [one for part in listed for one in self._choices(part)]

    def _at(self, document: Part, part: Part | None) -> Part:
        """What a reference stands for."""
        while part and "$ref" in part:
            found: Any = document
            for step in part["$ref"].removeprefix("#/").split("/"):
                found = found[step.replace("~1", "/").replace("~0", "~")]
            part = found
        return part or {}


def _suffices(had: Part, asked: Part) -> bool:
    """Whether a key that could call the operation before still can."""
    return all(scheme in had and set(asked[scheme]) <= set(had[scheme]) for scheme in asked)


def _types(schema: Part) -> set[str]:
    """The types a schema takes; a number may be an integer."""
    said = schema.get("type", sorted(_TYPES))
    found = {said} if isinstance(said, str) else set(said)
    return found | {"integer"} if "number" in found else found


def _kinds(place: str, old: Part, new: Part, *, sent: bool) -> Iterator[str]:
    before, after = _types(old), _types(new)
    lost = before - after if sent else after - before
    if lost:
        yield f"{place}: {' or '.join(sorted(lost))} is {'no longer' if sent else 'now'} possible"
    before_format, after_format = old.get("format"), new.get("format")
    if before_format != after_format and (after_format if sent else before_format):
        yield f"{place}: format changed from {before_format} to {after_format}"


def _allowed(schema: Part) -> list[Any] | None:
    return [schema["const"]] if "const" in schema else schema.get("enum")


def _values(place: str, old: Part, new: Part, *, sent: bool) -> Iterator[str]:
    """A value removed breaks either way; answers may gain values."""
    before, after = _allowed(old), _allowed(new)
    if before is not None and after is not None:
        gone = [one for one in before if one not in after]
        yield from (f"{place}: value {json.dumps(one)} removed" for one in gone)
    elif (after if sent else before) is not None:
        yield f"{place}: {'only certain' if sent else 'any'} values are now possible"


def _limits(place: str, old: Part, new: Part, *, sent: bool) -> Iterator[str]:
    if not sent:
        return
    for name, sign in {**dict.fromkeys(_MOST, 1), **dict.fromkeys(_LEAST, -1)}.items():
        if name in new and (name not in old or sign * new[name] < sign * old[name]):
            yield f"{place}: {name} narrowed from {old.get(name, 'none')} to {new[name]}"
    if "pattern" in new and new["pattern"] != old.get("pattern"):
        yield f"{place}: pattern changed to {new['pattern']}"
    if new.get("uniqueItems") and not old.get("uniqueItems"):
        yield f"{place}: items must now differ"


def undeclared(breaks: list[str], changelog: str, released: str) -> list[str]:
    """The breaks whose operation no "### Breaking" names, above the section of that release."""
    since = changelog.partition(f"\n## [{released}]")[0]
    declared = "".join(
        re.findall(r"^### Breaking$(.*?)(?=^##|\Z)", since, re.DOTALL | re.MULTILINE)
    )
    named = set(re.findall(r"[A-Z]+ /[^\s`:,;]*", declared))
    return [one for one in breaks if _PLACE.match(one).group() not in named]  # type: ignore[union-attr]  # every break names its place


def _git(*words: str) -> str | None:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None


def main() -> int:
    """Compare with the last tagged version; 1 where a break is not declared, or it is not here."""
    changelog = (ROOT / "CHANGELOG.md").read_text()
    tag = _git("describe", "--tags", "--abbrev=0", "--match", "v[0-9]*")
    released = tag and _git("show", f"{tag}:{DESCRIPTION}")
    if not tag or not released:
        if _RELEASE.search(changelog):
            print(
                "The changelog names a release, but no tag v… with a description is here: fetch it."
            )
            return 1
        print("Breaking changes: nothing has been released yet, so nothing was compared.")
        return 0
    now = json.loads((ROOT / DESCRIPTION).read_text())
    breaks = list(Comparison(json.loads(released), now).breaks())
    wrong = undeclared(breaks, changelog, tag.removeprefix("v"))
    for one in breaks:
        print("undeclared" if one in wrong else "declared", one, sep=": ")
    print(f"Breaking changes since {tag}: {len(breaks)}, of which undeclared: {len(wrong)}.")
    if wrong:
        print('Keep what was there, or name METHOD /path under "### Breaking" in CHANGELOG.md.')
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
