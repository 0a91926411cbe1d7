"""More cases than a council has: the demonstration's own, again and again, under other numbers."""

from collections.abc import Sequence
from urllib.parse import urlsplit, urlunsplit

import asyncpg

# Numbers that neither the service's own sequence reaches nor pgbench uses.
_FIRST_COPY = 20_000_000

# Every table of cases, with its columns as they are copied. What the database makes is left to it.
_TABLES = """
SELECT format('%I.%I', t.schemaname, t.tablename) AS name,
       string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) AS columns,
       string_agg(
         CASE WHEN a.attname = 'case_id' OR t.tablename = 'case' AND a.attname = 'id'
              THEN 'old.' || a.attname || ' + $1::bigint + copy * $2::bigint'
              WHEN t.tablename = 'case_system' AND a.attname = 'reference'
              THEN 'old.reference || ''-'' || $1::bigint + copy'
              ELSE 'old.' || quote_ident(a.attname) END,
         ', ' ORDER BY a.attnum) AS copied,
       CASE WHEN t.tablename = 'case' THEN 'id' ELSE 'case_id' END AS number
FROM pg_tables AS t
JOIN pg_attribute AS a ON a.attrelid = format('%I.%I', t.schemaname, t.tablename)::regclass
WHERE t.schemaname = ANY ($1)
  AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attidentity = ''
  AND (t.tablename = 'case' OR EXISTS (
    SELECT FROM pg_attribute AS key WHERE key.attrelid = a.attrelid AND key.attname = 'case_id'))
GROUP BY 1, t.tablename
"""


FOR_FIGURES = ("core",)
ALL = ("core", "audit", "pii")


async def ends(url: str) -> tuple[int, int]:
    """The first and the last number of a case."""
    connection = await asyncpg.connect(url)
    found = await connection.fetchrow('SELECT min(id), max(id) FROM core."case"')
    await connection.close()
    assert found
    return found[0], found[1]


async def references(url: str, *, some: int) -> Sequence[str]:
    """Some cases' references, at random."""
    connection = await asyncpg.connect(url)
    rows = await connection.fetch(
        'SELECT reference FROM core."case" ORDER BY random() LIMIT $1', some
    )
    await connection.close()
    return [row["reference"] for row in rows]


async def multiplied(
    admin_url: str,
    url: str,
    *,
    first: int,
    last: int,
    cases: int,
    schemas: Sequence[str] = FOR_FIGURES,
) -> int:
    """Have so many cases, by copies of those from first to last; say how many there are.

    Foreign keys are not looked up for them: every copy names what its original names.
    """
    database = urlsplit(url).path
    connection = await asyncpg.connect(urlunsplit(urlsplit(admin_url)._replace(path=database)))
    await connection.execute("SET session_replication_role = replica")
    found = await connection.fetchrow(
        """SELECT count(*), count(*) FILTER (WHERE id BETWEEN $1 AND $2),
                  max(id) FILTER (WHERE id BETWEEN $3 AND 2 * $3) FROM core."case" """,
        first, last, _FIRST_COPY,
    )  # fmt: skip
    assert found
    there, originals, highest = found
    copies = max(0, -(-(cases - there) // originals))
    shift = (highest + 1 if highest else _FIRST_COPY) - first
    for table in await connection.fetch(_TABLES, schemas):
        await connection.execute(
            f"INSERT INTO {table['name']} ({table['columns']}) SELECT {table['copied']}"
            f" FROM {table['name']} AS old, generate_series(0, $3 - 1) AS copy"
            f" WHERE old.{table['number']} BETWEEN $4 AND $5",
            shift, last - first + 1, copies, first, last,
        )  # fmt: skip
    await connection.execute("VACUUM (ANALYZE)")
    await connection.close()
    return int(there + copies * originals)
