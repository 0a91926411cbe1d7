from collections.abc import Mapping

import pytest
import yaml

from app.kit.db import COMMAND_SECONDS
from app.kit.middleware import BODY_LIMIT
from app.kit.settings import Settings
from app.main import BODY_LIMITS, OPEN_PAGES, OPEN_PATHS, create_app
from tests.packaging.kustomize import FILES, Manifest
from tests.packaging.reach import Peer, may_reach

SIZES = {"k": 1024, "m": 1024**2}

SERVICE = Peer("council-feedback", {"app.kubernetes.io/name": "council-feedback",
                                    "app.kubernetes.io/component": "service"})  # fmt: skip
MIGRATION = Peer("council-feedback", {"app.kubernetes.io/name": "council-feedback",
                                      "app.kubernetes.io/component": "migration"})  # fmt: skip
POSTGRES = Peer("council-feedback", {"cnpg.io/cluster": "council-feedback-db"})
STRANGER = Peer("council-feedback", {"app.kubernetes.io/name": "something-else"})
INGRESS = Peer("nginx-ingress", {})
PROMETHEUS = Peer("monitoring", {"app.kubernetes.io/name": "prometheus"})
GRAFANA = Peer("monitoring", {"app.kubernetes.io/name": "grafana"})
OPERATOR = Peer("cnpg-system", {"app.kubernetes.io/name": "cloudnative-pg"})
DNS = Peer("kube-system", {"k8s-app": "kube-dns"})
WORLD = Peer(None, {})


@pytest.mark.parametrize(
    ("caller", "called", "port", "may"),
    [
        (INGRESS, SERVICE, "http", True),
        (PROMETHEUS, SERVICE, "http", True),
        (GRAFANA, SERVICE, "http", False),
        (STRANGER, SERVICE, "http", False),
        (WORLD, SERVICE, "http", False),
        (INGRESS, MIGRATION, "http", False),
        (SERVICE, DNS, 53, True),
        (POSTGRES, DNS, 53, True),
        (SERVICE, POSTGRES, 5432, True),
        (MIGRATION, POSTGRES, 5432, True),
        (SERVICE, WORLD, 5432, False),
        (SERVICE, WORLD, 443, False),
        (SERVICE, POSTGRES, 8000, False),
        (STRANGER, POSTGRES, 5432, False),
        (INGRESS, POSTGRES, 5432, False),
        (STRANGER, WORLD, 443, False),
        (POSTGRES, POSTGRES, 5432, True),
        (POSTGRES, WORLD, 443, True),
        (POSTGRES, SERVICE, "http", False),
        (OPERATOR, POSTGRES, 8000, True),
        (PROMETHEUS, POSTGRES, 9187, True),
    ],
)
def test_only_those_reach_each_other_who_have_to(
    production: list[Manifest], caller: Peer, called: Peer, port: str | int, *, may: bool
) -> None:
    policies = [one for one in production if one["kind"] == "NetworkPolicy"]
    assert may_reach(policies, caller, called, port) is may


def routes(production: list[Manifest]) -> list[tuple[str, str, Mapping[str, str]]]:
    """Path, how it is compared, and what is said of it, longest first."""
    every = [
        (path["path"], path["pathType"], one["metadata"]["annotations"])
        for one in production
        if one["kind"] == "Ingress"
        for rule in one["spec"]["rules"]
        for path in rule.get("http", {"paths": ()})["paths"]
    ]
    return sorted(every, key=lambda one: -len(one[0]))


def route(production: list[Manifest], asked: str) -> Mapping[str, str] | None:
    """What the ingress says of a request, if it lets it in."""
    for path, kind, said in routes(production):
        if asked == path or (kind == "Prefix" and asked.startswith(f"{path}/")):
            return said
    return None


def test_the_ingress_lets_in_the_api_and_nothing_that_is_for_the_cluster(
    production: list[Manifest],
) -> None:
    paths = set(create_app(Settings.model_construct()).openapi()["paths"])
    inner = {"/livez", "/readyz", "/metrics"}
    assert len(paths) > 30
    shut = {path for path in paths | OPEN_PATHS | OPEN_PAGES if route(production, path) is None}
    assert inner - {"/metrics"} <= shut <= inner


def test_the_ingress_takes_bodies_as_large_as_the_service_does(production: list[Manifest]) -> None:
    for path, limit in {"/v1/feedback": BODY_LIMIT, **BODY_LIMITS}.items():
        said = route(production, path)
        assert said is not None
        assert bytes_of(said["nginx.org/client-max-body-size"]) == limit


def bytes_of(size: str) -> int:
    return int(size[:-1]) * SIZES[size[-1]]


def test_what_people_wrote_is_not_put_on_the_disk_of_the_ingress(
    production: list[Manifest],
) -> None:
    for path, limit in {"/v1/feedback": BODY_LIMIT, **BODY_LIMITS}.items():
        said = route(production, path)
        assert said is not None
        assert said["nginx.org/proxy-max-temp-file-size"] == "0", path
        spooled = bytes_of(said.get("nginx.org/client-body-buffer-size", "0k")) < limit
        assert spooled == (path == "/v1/imports"), path
    patch = yaml.safe_load((FILES / "ingress-controller/spool.yaml").read_text())
    spec = patch["spec"]["template"]["spec"]
    (mounted,) = spec["containers"][0]["volumeMounts"]
    (volume,) = spec["volumes"]
    assert (mounted["name"], mounted["mountPath"]) == (volume["name"], "/var/cache/nginx")
    assert volume["emptyDir"]["medium"] == "Memory"
    room = volume["emptyDir"]["sizeLimit"]
    assert bytes_of(room.removesuffix("i").lower()) >= 4 * BODY_LIMITS["/v1/imports"]


def test_the_ingress_gives_up_after_the_service_does_and_not_much_later(
    production: list[Manifest],
) -> None:
    said = route(production, "/v1/feedback")
    assert said is not None
    waits = int(said["nginx.org/proxy-read-timeout"].removesuffix("s"))
    assert COMMAND_SECONDS < waits <= 15


def test_nobody_is_waited_for_by_the_ingress_for_ever() -> None:
    config = yaml.safe_load((FILES / "ingress-controller/nginx-config.yaml").read_text())
    lines = config["data"]["http-snippets"].splitlines()
    waits = dict(line.removesuffix("s;").split(" ", 1) for line in lines if line.endswith("s;"))
    assert int(waits["client_header_timeout"]) <= 10
    assert int(waits["client_body_timeout"]) <= 10


def test_tls_covers_every_host(production: list[Manifest]) -> None:
    ingresses = [one for one in production if one["kind"] == "Ingress"]
    hosts = {rule["host"] for one in ingresses for rule in one["spec"]["rules"]}
    ends = {
        host for one in ingresses for tls in one["spec"].get("tls", ()) for host in tls["hosts"]
    }
    assert hosts == ends
    assert {one["spec"]["ingressClassName"] for one in ingresses} == {"nginx"}
