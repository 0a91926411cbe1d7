"""As much of kustomize as the manifests use, so that they can be tested without kubectl."""

import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

Manifest = dict[str, Any]

FILES = Path(__file__).parents[2] / "k8s"
# What these cannot do would be left out silently, so a kustomization may hold nothing else.
UNDERSTOOD = {"apiVersion", "kind", "resources", "components", "patches", "images"}


def build(folder: Path) -> list[Manifest]:
    """All objects of a kustomization, patched."""
    return _build(folder, [])


def by_kubectl(folder: Path) -> list[Manifest]:
    """The same, as kubectl has it."""
    made = subprocess.run(["kubectl", "kustomize", folder], check=True, capture_output=True)
    return [one for one in yaml.safe_load_all(made.stdout) if one]


def has_kubectl() -> bool:
    """Whether this machine can say what kubectl makes of the manifests."""
    return shutil.which("kubectl") is not None


def name(one: Manifest) -> tuple[str, str]:
    """What an object goes by."""
    return one["kind"], one["metadata"]["name"]


def _build(folder: Path, made: list[Manifest]) -> list[Manifest]:
    plan = yaml.safe_load((folder / "kustomization.yaml").read_text())
    if unknown := set(plan) - UNDERSTOOD:
        raise ValueError(f"{folder}: not understood: {unknown}")
    for resource in plan.get("resources", ()):
        place = folder / resource
        made += _build(place, []) if place.is_dir() else _load(place)
    for component in plan.get("components", ()):
        made = _build(folder / component, made)
    for patch in plan.get("patches", ()):
        for change in _load(folder / patch["path"]):
            (patched,) = (one for one in made if name(one) == name(change))
            _merge(patched, change)
    for image in plan.get("images", ()):
        for container in (c for one in made for c in containers(one)):
            if container["image"] == image["name"]:
                container["image"] = f"{image['newName']}:{image['newTag']}"
    return made


def _load(file: Path) -> list[Manifest]:
    # Aliases in YAML are one object: copied, so that a change to one is none to the other.
    loaded = yaml.safe_load_all(file.read_text())
    return [json.loads(json.dumps(one)) for one in loaded if one]


def _merge(into: Any, change: Any) -> None:
    """A strategic merge: maps by key, lists of named things by name, all else replaced."""
    for key, value in change.items():
        held = into.get(key)
        if isinstance(held, dict) and isinstance(value, dict):
            _merge(held, value)
        elif _named(held) and _named(value):
            for one in value:
                same = [old for old in held if old["name"] == one["name"]]
                if same:
                    _merge(same[0], one)
                else:
                    held.append(one)
        else:
            into[key] = value


def _named(value: object) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, dict) and "name" in one for one in value)
    )


def pod(one: Manifest) -> Manifest | None:
    """The pod that an object of ours makes, if it makes one."""
    template: Manifest | None = one.get("spec", {}).get("template")
    return template


def containers(one: Manifest) -> Iterator[Manifest]:
    """Every container of an object's pod."""
    if template := pod(one):
        yield from template["spec"].get("initContainers", ())
        yield from template["spec"]["containers"]
