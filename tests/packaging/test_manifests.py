import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml

from app.kit import settings as configuration
from app.kit.serving import DRAIN_SECONDS
from app.kit.settings import PREFIX, Mode, Settings, env_name
from app.main import OPEN_PATHS, VERSION
from tests.packaging import kustomize
from tests.packaging.conftest import Found, environment
from tests.packaging.kustomize import FILES, Manifest, containers, pod
from tests.packaging.restricted import breaches

OLDEST, NEWEST = "1.30", "1.37"
# Kinds of the two operators, whose schemas nobody packages: see test_postgres.py.
OPERATORS = {
    ("postgresql.cnpg.io/v1", "Cluster"),
    ("postgresql.cnpg.io/v1", "ScheduledBackup"),
    ("barmancloud.cnpg.io/v1", "ObjectStore"),
}
OF_POSTGRES = {"PGSSLMODE", "PGSSLROOTCERT", "STATS_USER", "STATS_PASSWORD"}


def core(manifests: list[Manifest]) -> list[Manifest]:
    return [one for one in manifests if (one["apiVersion"], one["kind"]) not in OPERATORS]


def sorted_by_name(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: sorted_by_name(one) for key, one in value.items()}
    if isinstance(value, list):
        ones = [sorted_by_name(one) for one in value]
        named = ones and all(isinstance(one, dict) and "name" in one for one in ones)
        return sorted(ones, key=lambda one: str(one["name"])) if named else ones
    return value


@pytest.mark.parametrize("folder", ["base", "overlays/production"])
def test_kubectl_makes_of_them_what_these_tests_do(folder: str) -> None:
    ours = kustomize.build(FILES / folder)
    theirs = kustomize.by_kubectl(FILES / folder) if kustomize.has_kubectl() else ours
    assert {kustomize.name(one): sorted_by_name(one) for one in ours} == {
        kustomize.name(one): sorted_by_name(one) for one in theirs
    }


@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_kubernetes_knows_every_field(production: list[Manifest], version: str) -> None:
    controllers = yaml.safe_load((FILES / "ingress-controller/nginx-config.yaml").read_text())
    ours = [*core(production), controllers]
    assert len(ours) >= 15
    for one in ours:
        kubernetes_validate.validate(one, version, strict=True)


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("Deployment", ("spec", "template", "spec", "automountServiceAccountTokn"), False),
        ("Deployment", ("spec", "minReadySeconds"), "five"),
        ("HorizontalPodAutoscaler", ("spec", "maxReplicas"), None),
    ],
)
def test_a_field_that_kubernetes_does_not_know_is_found(
    found: Found, kind: str, path: tuple[str, ...], value: object
) -> None:
    broken = deepcopy(found(kind))
    place = broken
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, NEWEST, strict=True)


def test_everything_is_in_the_one_namespace_which_takes_only_restricted_pods(
    production: list[Manifest], found: Found
) -> None:
    labels = found("Namespace")["metadata"]["labels"]
    assert labels["pod-security.kubernetes.io/enforce"] == "restricted"
    rest = [one for one in production if one["kind"] != "Namespace"]
    assert {one["metadata"]["namespace"] for one in rest} == {"council-feedback"}


def test_every_pod_is_restricted_and_asks_the_cluster_nothing(production: list[Manifest]) -> None:
    pods = [template["spec"] for one in production if (template := pod(one))]
    assert len(pods) == 2
    for spec in pods:
        assert breaches(spec) == []
        assert spec["automountServiceAccountToken"] is False
        assert spec["serviceAccountName"] == "council-feedback"


@pytest.mark.parametrize(
    ("breach", "of_container"),
    [
        ({"allowPrivilegeEscalation": True}, True),
        ({"capabilities": {"drop": ["NET_RAW"]}}, True),
        ({"capabilities": {"drop": ["ALL"], "add": ["NET_ADMIN"]}}, True),
        ({"privileged": True}, True),
        ({"readOnlyRootFilesystem": False}, True),
        ({"runAsUser": 0}, True),
        ({"runAsNonRoot": False}, False),
        ({"runAsUser": 0}, False),
        ({"seccompProfile": {"type": "Unconfined"}}, False),
    ],
)
def test_a_pod_that_is_not_restricted_is_found(
    found: Found, breach: Mapping[str, object], *, of_container: bool
) -> None:
    spec = deepcopy(found("Deployment")["spec"]["template"]["spec"])
    place = spec["containers"][0] if of_container else spec
    place["securityContext"] |= breach
    assert len(breaches(spec)) == 1


@pytest.mark.parametrize("volume", [{"hostPath": {"path": "/"}}, {"nfs": {}}])
def test_a_volume_of_the_host_is_found(found: Found, volume: Mapping[str, object]) -> None:
    spec = deepcopy(found("Deployment")["spec"]["template"]["spec"])
    spec["volumes"].append({"name": "more", **volume})
    spec["hostNetwork"] = True
    assert len(breaches(spec)) == 2


def test_all_that_is_written_is_in_memory(production: list[Manifest]) -> None:
    for one in production:
        for volume in (pod(one) or {"spec": {}})["spec"].get("volumes", ()):
            assert "secret" in volume or volume["emptyDir"]["medium"] == "Memory"


def test_every_container_has_the_image_of_this_release_from_wherever_a_council_keeps_it(
    production: list[Manifest],
) -> None:
    images = {one["image"] for each in production for one in containers(each)}
    assert images == {f"council-feedback:{VERSION}"}


def test_every_container_has_requests_and_limits(production: list[Manifest]) -> None:
    for one in (each for manifest in production for each in containers(manifest)):
        assert set(one["resources"]["requests"]) == set(one["resources"]["limits"])
        assert set(one["resources"]["limits"]) == {"cpu", "memory"}


def test_the_service_starts_with_what_every_container_is_told(
    production: list[Manifest], found: Found, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {env_name(field) for field in Settings.model_fields}
    ours = [one for each in production for one in containers(each)]
    assert len(ours) == 3
    for container in ours:
        told = environment(container, found)
        assert set(told) - OF_POSTGRES <= known
        with monkeypatch.context() as fresh:
            for name, value in told.items():
                fresh.setenv(name, value)
            settings = configuration.load()
        assert settings.mode is Mode.production


def test_kubernetes_adds_no_settings_of_its_own(production: list[Manifest], found: Found) -> None:
    ours = found("Service")["metadata"]["name"].upper().replace("-", "_")
    assert f"{ours}_SERVICE_HOST".startswith(PREFIX)  # which is why
    for one in production:
        if template := pod(one):
            assert template["spec"]["enableServiceLinks"] is False


def test_secrets_are_named_and_not_told(production: list[Manifest]) -> None:
    assert not [one for one in production if one["kind"] == "Secret"]
    hidden = {env_name(field) for field in ("database_url", "pepper")}
    for one in (each for manifest in production for each in containers(manifest)):
        assert {each["name"] for each in one["env"] if "valueFrom" in each} >= hidden
    assert not re.search(r"://[^$\s]*:[^$\s]+@", "".join(yaml.dump(one) for one in production))


def test_a_pod_is_done_before_it_is_killed(found: Found, service: Manifest) -> None:
    spec = found("Deployment")["spec"]["template"]["spec"]
    assert DRAIN_SECONDS <= 25
    unannounced = service["lifecycle"]["preStop"]["sleep"]["seconds"]
    assert unannounced >= 3
    assert unannounced + DRAIN_SECONDS < spec["terminationGracePeriodSeconds"]


def test_probes_ask_what_answers(service: Manifest) -> None:
    assert service["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert service["livenessProbe"]["httpGet"]["path"] == "/livez"
    assert service["startupProbe"]["httpGet"]["path"] == "/livez"
    assert {"/readyz", "/livez"} <= OPEN_PATHS
    (port,) = service["ports"]
    assert port["containerPort"] == Settings.model_fields["port"].default


def test_a_new_release_serves_only_on_its_own_tables_and_the_old_one_until_then(
    found: Found,
) -> None:
    (waiting,) = found("Deployment")["spec"]["template"]["spec"]["initContainers"]
    assert waiting["args"] == ["doctor"]
    # A standby that is away is no reason not to serve.
    told = {one["name"] for one in waiting["env"]}
    assert env_name("stats_database_url") not in told
    (migrating,) = found("Job", "council-feedback-migration")["spec"]["template"]["spec"][
        "containers"
    ]
    assert migrating["args"] == ["migrate"]
    rolling = found("Deployment")["spec"]["strategy"]["rollingUpdate"]
    assert (rolling["maxUnavailable"], rolling["maxSurge"]) == (0, 1)


def test_whatever_points_at_the_pods_finds_them(found: Found) -> None:
    labels = found("Deployment")["spec"]["template"]["metadata"]["labels"].items()
    spec = found("Deployment")["spec"]
    assert spec["selector"]["matchLabels"].items() <= labels
    assert found("Service")["spec"]["selector"].items() <= labels
    assert found("PodDisruptionBudget")["spec"]["selector"]["matchLabels"].items() <= labels
    for spread in spec["template"]["spec"]["topologySpreadConstraints"]:
        assert spread["labelSelector"]["matchLabels"].items() <= labels
    scaled = found("HorizontalPodAutoscaler")["spec"]["scaleTargetRef"]
    assert (scaled["kind"], scaled["name"]) == kustomize.name(found("Deployment"))
    assert "replicas" not in spec
    (ports,) = found("Service")["spec"]["ports"]
    assert ports["targetPort"] == "http"


def test_one_pod_may_always_go_and_others_stay(found: Found) -> None:
    assert found("PodDisruptionBudget")["spec"]["maxUnavailable"] == 1
    assert found("HorizontalPodAutoscaler")["spec"]["minReplicas"] >= 3
