"""What Kubernetes' `restricted` pod security asks of a pod, and a read-only root besides."""

from collections.abc import Iterator
from typing import Any

VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim",
           "projected", "secret"}  # fmt: skip
OF_THE_HOST = ("hostNetwork", "hostPID", "hostIPC")


def breaches(spec: dict[str, Any]) -> list[str]:
    """Where a pod takes more than it needs, a line each."""
    every = [*spec.get("initContainers", ()), *spec["containers"]]
    return [*_of_the_pod(spec), *(line for one in every for line in _of_a_container(one))]


def _of_the_pod(spec: dict[str, Any]) -> Iterator[str]:
    context = spec.get("securityContext", {})
    if context.get("runAsNonRoot") is not True:
        yield "may run as root"
    if context.get("runAsUser", 0) == 0:
        yield "runs as root"
    if context.get("seccompProfile", {}).get("type") not in {"RuntimeDefault", "Localhost"}:
        yield "may make any system call"
    yield from (f"{name} is shared" for name in OF_THE_HOST if spec.get(name))
    for volume in spec.get("volumes", ()):
        if not set(volume) - {"name"} <= VOLUMES:
            yield f"volume {volume['name']} is of the host"


def _of_a_container(container: dict[str, Any]) -> Iterator[str]:
    context = container.get("securityContext", {})
    name = container["name"]
    if context.get("allowPrivilegeEscalation") is not False or context.get("privileged"):
        yield f"{name} may gain privileges"
    if context.get("capabilities", {}).get("drop") != ["ALL"]:
        yield f"{name} keeps capabilities"
    if set(context.get("capabilities", {}).get("add", ())) - {"NET_BIND_SERVICE"}:
        yield f"{name} adds capabilities"
    if context.get("readOnlyRootFilesystem") is not True:
        yield f"{name} writes to its image"
    if context.get("runAsUser") == 0 or context.get("runAsNonRoot") is False:
        yield f"{name} runs as root"
    if any(port.get("hostPort") for port in container.get("ports", ())):
        yield f"{name} takes a port of the host"
