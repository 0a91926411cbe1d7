"""Who may reach whom, by NetworkPolicies: as much of them as ours use."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

NAMESPACE = "council-feedback"  # where the policies are
NAME = "kubernetes.io/metadata.name"


@dataclass(frozen=True, slots=True)
class Peer:
    """A pod by its namespace and labels; without a namespace, somebody outside the cluster."""

    namespace: str | None
    labels: Mapping[str, str]


def may_reach(
    policies: Iterable[dict[str, Any]], caller: Peer, called: Peer, port: str | int
) -> bool:
    """Whether one lets the call out and one lets it in, where any is about them at all."""
    held = list(policies)
    return _lets(held, "Egress", "to", of=caller, other=called, port=port) and _lets(
        held, "Ingress", "from", of=called, other=caller, port=port
    )


def _lets(
    policies: Iterable[dict[str, Any]],
    way: str,
    side: str,
    *,
    of: Peer,
    other: Peer,
    port: str | int,
) -> bool:
    about = [
        one["spec"]
        for one in policies
        if way in one["spec"]["policyTypes"]
        and of.namespace == NAMESPACE
        and _has(of, one["spec"]["podSelector"])
    ]
    rules = [rule for spec in about for rule in spec.get(way.lower(), ())]
    return not about or any(
        (side not in rule or any(_is(other, peer) for peer in rule[side]))
        and any(one["port"] == port for one in rule["ports"])
        for rule in rules
    )


def _is(one: Peer, described: Mapping[str, Any]) -> bool:
    if "namespaceSelector" in described:
        in_namespace = described["namespaceSelector"]["matchLabels"] == {NAME: one.namespace}
    else:
        in_namespace = one.namespace == NAMESPACE
    return in_namespace and _has(one, described.get("podSelector", {}))


def _has(one: Peer, selector: Mapping[str, Any]) -> bool:
    wanted: Mapping[str, str] = selector.get("matchLabels", {})
    return wanted.items() <= one.labels.items()
