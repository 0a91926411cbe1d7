"""The manifests of production, and what they tell a container."""

import re
from collections.abc import Callable

import pytest

from tests.packaging import kustomize
from tests.packaging.kustomize import FILES, Manifest

PRODUCTION = FILES / "overlays" / "production"
SECRET = "the-secret-of-a-test-is-long-enough"

Found = Callable[..., Manifest]


@pytest.fixture(scope="session")
def production() -> list[Manifest]:
    return kustomize.build(PRODUCTION)


@pytest.fixture(scope="session")
def found(production: list[Manifest]) -> Found:
    """The object of a kind and name."""

    def one(kind: str, name: str = "council-feedback") -> Manifest:
        (it,) = (each for each in production if kustomize.name(each) == (kind, name))
        return it

    return one


@pytest.fixture(scope="session")
def service(found: Found) -> Manifest:
    """The container that serves."""
    container: Manifest = found("Deployment")["spec"]["template"]["spec"]["containers"][0]
    return container


def environment(container: Manifest, found: Found) -> dict[str, str]:
    """What a container is told, with secrets made up."""
    told = dict(found("ConfigMap")["data"])
    for one in container["env"]:
        if "value" in one:
            # Only what stands above it is put in, as Kubernetes does.
            told[one["name"]] = re.sub(r"\$\((\w+)\)", lambda m: told[m[1]], one["value"])
        else:
            address = one["valueFrom"]["secretKeyRef"]["key"] == "uri"
            told[one["name"]] = "postgresql://u:p@h.ns:5432/d" if address else SECRET
    return told
