import re

import pytest

from app.kit import embedded
from app.kit import settings as configuration
from app.kit.db import open_database
from app.kit.settings import Settings, env_name
from tests.packaging.conftest import Found, environment
from tests.packaging.kustomize import Manifest, containers, pod


@pytest.fixture
def cluster(found: Found) -> Manifest:
    """The Postgres of the production overlay."""
    spec: Manifest = found("Cluster", "council-feedback-db")["spec"]
    return spec


def test_what_postgres_acknowledged_is_on_two_of_three_machines(cluster: Manifest) -> None:
    assert cluster["instances"] == 3
    assert cluster["postgresql"]["synchronous"] == {
        "method": "any",
        "number": 1,
        "dataDurability": "required",
        "failoverQuorum": True,
    }
    assert cluster["affinity"]["podAntiAffinityType"] == "required"
    assert cluster["enablePDB"] is True
    parameters = cluster["postgresql"]["parameters"]
    assert not {"fsync", "synchronous_commit", "full_page_writes"} & set(parameters)


def test_postgres_logs_as_little_as_the_embedded_one(cluster: Manifest) -> None:
    kept_out = {name: value for name, value in embedded._OPTIONS.items() if name.startswith("log_")}
    del kept_out["log_checkpoints"]  # holds nothing of anybody's
    assert len(kept_out) >= 4
    assert kept_out.items() <= cluster["postgresql"]["parameters"].items()
    assert cluster["postgresql"]["parameters"]["log_statement"] == "none"
    assert cluster["bootstrap"]["initdb"]["encoding"] == "UTF8"


async def most_connections(settings: Settings) -> int:
    """How many connections a worker with these settings may hold to one server."""
    database = await open_database(
        sqlalchemy_url=settings.sqlalchemy_url,
        asyncpg_dsn=settings.asyncpg_dsn,
        pool_size=settings.pool_size,
    )
    limits = [pool["limit"] for pool in database.pools().values()]
    await database.close()
    return sum(limits)


async def test_all_pods_together_find_enough_connections(
    found: Found, cluster: Manifest, service: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    pods = found("HorizontalPodAutoscaler")["spec"]["maxReplicas"]
    pods += found("Deployment")["spec"]["strategy"]["rollingUpdate"]["maxSurge"]
    for name, value in environment(service, found).items():
        monkeypatch.setenv(name, value)
    each = await most_connections(configuration.load())  # should statistics be read here too
    kept_for_others = 20  # the operator, backups, a migration, whoever waits, an administrator
    allowed = int(cluster["postgresql"]["parameters"]["max_connections"])
    assert pods * each + kept_for_others <= allowed


def test_the_connection_to_postgres_is_checked_against_its_authority(
    production: list[Manifest], found: Found
) -> None:
    for one in (each for manifest in production for each in containers(manifest)):
        told = environment(one, found)
        assert (told["PGSSLMODE"], told["PGSSLROOTCERT"]) == ("verify-full", "/etc/postgres/ca.crt")
    for one in production:
        for volume in (pod(one) or {"spec": {}})["spec"].get("volumes", ()):
            if "secret" in volume:  # the authority's own key lies beside its certificate
                assert volume["secret"]["items"] == [{"key": "ca.crt", "path": "ca.crt"}]


def test_statistics_are_read_from_a_standby(found: Found, service: Manifest) -> None:
    told = environment(service, found)
    assert "@council-feedback-db-ro." in told[env_name("stats_database_url")]


def test_backups_are_made_every_night_and_kept_for_longer_than_a_month(
    found: Found, cluster: Manifest
) -> None:
    nightly = found("ScheduledBackup", "council-feedback-db")["spec"]
    assert re.fullmatch(r"0 \d+ \d+ \* \* \*", nightly["schedule"])
    assert nightly["cluster"]["name"] == "council-feedback-db"
    (plugin,) = cluster["plugins"]
    assert plugin["isWALArchiver"] is True
    assert nightly["pluginConfiguration"]["name"] == plugin["name"]
    store = found("ObjectStore", plugin["parameters"]["barmanObjectName"])["spec"]
    assert int(store["retentionPolicy"].removesuffix("d")) > 31
    assert "serverName" not in store["configuration"]
