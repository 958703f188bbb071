"""SQL over the tables of a dataset, by DuckDB (extra ``sql``)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pyarrow as pa

from govreport_parse.dataset.layout import (
    PARTITION,
    TABLES,
    codebook_table,
    schema_of,
    stored_names,
)
from govreport_parse.errors import UsageError

if TYPE_CHECKING:
    from govreport_parse.dataset.read import Dataset
    from govreport_parse.dataset.views import View

_SQL = {
    pa.string(): "VARCHAR",
    pa.int64(): "BIGINT",
    pa.float64(): "DOUBLE",
    pa.date32(): "DATE",
}


def run(dataset: Dataset, query: str) -> pa.Table:
    """The rows that the query gives. ``UsageError`` without DuckDB and for a wrong query."""
    if not isinstance(query, str):
        raise UsageError(
            f"a query is a text, not {type(query).__name__}", hint="begin it with SELECT"
        )
    try:
        import duckdb
    except ImportError:
        raise UsageError(
            "SQL needs DuckDB, which is not installed",
            hint="pip install 'govreport_parse[sql]'",
        ) from None
    connection = duckdb.connect()
    try:
        # stdout is the caller's: no progress bar in it. Turning off what is off fails in Jupyter
        # without ipywidgets.
        bar = connection.execute("SELECT current_setting('enable_progress_bar')").fetchall()
        if bar == [(True,)]:
            connection.execute("SET enable_progress_bar = false")
        connection.register("codebook", codebook_table())
        for name in TABLES:
            connection.execute(f"CREATE VIEW {name} AS {_select(dataset.table(name))}")
        folder = str(dataset.folder).replace("'", "''")
        # the dataset's own files may be read, nothing else, and nothing written
        connection.execute(f"SET allowed_directories = ['{folder}']")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        if len(connection.extract_statements(query)) != 1:
            raise UsageError("one query at a time", hint="begin it with SELECT")
        answer: Any = connection.sql(query)
        if answer is None:
            raise UsageError("the query gives no rows", hint="begin it with SELECT")
        return _plain(answer.to_arrow_table())
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        for name in TABLES:
            dataset.table(name).check_whole()
        raise UsageError(f"DuckDB: {str(error)[:500]}", hint=_HINT) from error
    except duckdb.Error as error:
        raise UsageError(f"DuckDB: {str(error)[:500]}", hint=_HINT) from error
    finally:
        connection.close()


_HINT = "tables: " + ", ".join(TABLES) + ', codebook; quote "table", "row", "column"'


def _select(view: View) -> str:
    """A table as a union of its years; the year is a constant, so other years are not read."""
    schema = schema_of(view.name)
    stored = set(stored_names(view.name))
    by_year: dict[int | None, list[str]] = {}
    for part, path in zip(view.parts, view.files, strict=True):
        by_year.setdefault(part.year, []).append("'" + str(path).replace("'", "''") + "'")

    def columns(year: int | None) -> str:
        out = []
        for field in schema:
            if field.name in stored:
                out.append(f'"{field.name}"')
            elif field.name == PARTITION:
                out.append(f'CAST({"NULL" if year is None else year} AS BIGINT) AS "{PARTITION}"')
        return ", ".join(out)

    selects = [
        f"SELECT {columns(year)} FROM read_parquet([{', '.join(files)}], hive_partitioning=false)"
        for year, files in by_year.items()
    ]
    if not selects:
        empty = ", ".join(f'CAST(NULL AS {_SQL[f.type]}) AS "{f.name}"' for f in schema)
        return f"SELECT {empty} WHERE false"
    return " UNION ALL ".join(selects)


def _plain(table: pa.Table) -> pa.Table:
    """Numbers of other widths as those of our frames: sums of integers come as decimals."""
    whole = (pa.int64(), pa.float64())
    for i, field in enumerate(table.schema):
        kind = field.type
        if pa.types.is_integer(kind) or (pa.types.is_decimal(kind) and kind.scale == 0):
            table = table.set_column(i, field.name, _cast(table.column(i), whole))
        elif pa.types.is_floating(kind) or pa.types.is_decimal(kind):
            table = table.set_column(i, field.name, _cast(table.column(i), whole[1:]))
    return table


def _cast(column: pa.ChunkedArray, kinds: tuple[pa.DataType, ...]) -> pa.ChunkedArray:
    """The column as the first of the types that holds its values."""
    for kind in kinds[:-1]:
        try:
            return column.cast(kind)
        except pa.ArrowInvalid:
            continue
    return column.cast(kinds[-1])
