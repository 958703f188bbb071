"""One table of a dataset, read when asked for and no further than asked.

Only files of the manifest are read; of these only the years and columns that are needed.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pds
import pyarrow.fs
import pyarrow.parquet as pq

from govreport_parse.dataset.layout import PARTITION, PLAIN, schema_of
from govreport_parse.dataset.manifest import Part, anew
from govreport_parse.errors import DatasetError, UsageError
from govreport_parse.frames.words import decoded

if TYPE_CHECKING:
    import pandas

Filter = Mapping[str, Any] | Iterable[tuple[str, str, Any]]
BATCH = 2**17
"""Rows of a batch."""
WORKERS = 2
"""Threads that read files; Arrow decodes outside the interpreter's lock."""

_COMPARE = {
    "==": pc.equal,
    "=": pc.equal,
    "!=": pc.not_equal,
    "<": pc.less,
    "<=": pc.less_equal,
    ">": pc.greater,
    ">=": pc.greater_equal,
}


class View:
    """A table of a dataset, not yet read: ``len``, ``to_pandas``, ``to_table``, Arrow stream.

    ``filter`` is a mapping of column to value (``None`` for missing) or to several (a list, a set,
    an array, a column of a frame), or a list of ``(column, comparison, value)``; all conditions
    must hold.
    """

    def __init__(self, folder: Path, name: str, parts: Sequence[Part]) -> None:
        self.name = name
        self._folder = folder
        self._parts = tuple(parts)

    @property
    def schema(self) -> pa.Schema:
        """Columns and types; the metadata hold the codebook's lines of this table."""
        return schema_of(self.name)

    @property
    def columns(self) -> list[str]:
        """Names of the columns in order."""
        return list(self.schema.names)

    @property
    def years(self) -> list[int | None]:
        """The years that have rows; ``None`` for unknown."""
        return sorted({p.year for p in self._parts}, key=lambda y: -1 if y is None else y)

    @property
    def files(self) -> list[Path]:
        """The files of the table, by year and id."""
        return [self._folder / p.path for p in self._parts]

    @property
    def parts(self) -> tuple[Part, ...]:
        """The parts as the manifest names them."""
        return self._parts

    def __len__(self) -> int:
        return sum(p.rows for p in self._parts)

    def __repr__(self) -> str:
        return f"<{self.name}: {len(self):,} rows x {len(self.schema)} columns>"

    def dataset(self, dictionaries: Sequence[str] = ()) -> pds.FileSystemDataset:
        """The table as a ``pyarrow`` dataset; ``dictionaries``: columns to keep as codes."""
        form = pds.ParquetFileFormat(
            read_options=pds.ParquetReadOptions(dictionary_columns=list(dictionaries))
        )
        system = pa.fs.LocalFileSystem()
        year = pc.field(PARTITION)
        fragments = [
            form.make_fragment(
                str(self._folder / p.path),
                filesystem=system,
                partition_expression=pc.is_null(year) if p.year is None else year == p.year,
            )
            for p in self._parts
        ]
        schema = self.schema
        for name in dictionaries:
            coded = pa.field(name, pa.dictionary(pa.int32(), pa.string()))
            schema = schema.set(schema.get_field_index(name), coded)
        return pds.FileSystemDataset(fragments, schema, form, system)

    def to_table(
        self, columns: Sequence[str] | None = None, filter: Filter | None = None
    ) -> pa.Table:
        """The rows as an Arrow table."""
        names = self._known(columns)
        rules = self._rules(filter)
        with reading(self):
            if not rules:
                table: pa.Table = self.dataset().to_table(columns=names)
                return table
            with ThreadPoolExecutor(WORKERS) as pool:
                found = list(pool.map(lambda p: self._chosen(p, names, rules), self._parts))
        return pa.concat_tables([self._empty(names), *found])

    def to_pandas(
        self, columns: Sequence[str] | None = None, filter: Filter | None = None
    ) -> pandas.DataFrame:
        """The rows as a DataFrame with nullable types."""
        from govreport_parse.frames import to_pandas

        return to_pandas(self.to_table(columns, filter))

    def batches(
        self, columns: Sequence[str] | None = None, filter: Filter | None = None
    ) -> Iterator[pa.RecordBatch]:
        """The rows batch by batch, file after file, so that memory stays small."""
        names = self._known(columns)
        rules = self._rules(filter)
        for part in self._parts:
            with reading(self):
                if rules:
                    yield from self._chosen(part, names, rules).to_batches(max_chunksize=BATCH)
                else:
                    yield from self._streamed(part, names)

    def _streamed(self, part: Part, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        schema = self._empty(names).schema
        stored = list(dict.fromkeys(n for n in names if n != PARTITION))
        for batch in pq.ParquetFile(self._folder / part.path).iter_batches(BATCH, columns=stored):
            years = _years(part.year, batch.num_rows)
            columns = [years if n == PARTITION else batch[n] for n in names]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)

    def _empty(self, names: Sequence[str]) -> pa.Table:
        schema = pa.schema([self.schema.field(n) for n in names], self.schema.metadata)
        return schema.empty_table()

    def _chosen(self, part: Part, names: Sequence[str], rules: Sequence[_Rule]) -> pa.Table:
        """The rows of one file that all rules allow."""
        keep = _holds_for_year(part.year, rules)
        rest = [rule for rule in rules if rule.name != PARTITION]
        path = self._folder / part.path
        if keep and rest:
            tested = _read(path, [rule.name for rule in rest])
            mask = np.ones(part.rows, dtype=bool)
            for rule in rest:
                mask &= _mask(tested[rule.name], rule)
            keep = bool(mask.any())
        if not keep:
            return self._empty(names)
        table = _read(path, [n for n in names if n != PARTITION])
        if rest:
            table = table.filter(pa.array(mask))
        columns = {n: _decoded(table[n]) for n in names if n != PARTITION}
        n_rows = int(mask.sum()) if rest else part.rows
        years = _years(part.year, n_rows)
        schema = self._empty(names).schema
        return pa.table([columns.get(n, years) for n in names], schema=schema)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """The rows as an Arrow C stream (Polars, DuckDB), read as it is consumed."""
        with reading(self):
            self.check()
            reader = self.dataset().scanner().to_reader()
            return reader.__arrow_c_stream__(requested_schema)

    def check(self) -> None:
        """``DatasetError`` where a file is missing or has not the size that was written."""
        for part in self._parts:
            path = self._folder / part.path
            try:
                size = path.stat().st_size
            except OSError:
                raise damaged(path, "is missing") from None
            if size != part.bytes:
                raise damaged(path, f"has {size:,} bytes instead of {part.bytes:,}")

    def check_whole(self) -> None:
        """``DatasetError`` where a file can't be read to its end."""
        self.check()
        for path in self.files:
            try:
                for _ in pq.ParquetFile(path).iter_batches():
                    pass
            except (OSError, pa.ArrowException) as cause:
                raise damaged(path, "is no whole Parquet file") from cause

    # -- arguments --------------------------------------------------------------------------------

    def _known(self, columns: Sequence[str] | None) -> list[str]:
        if columns is None:
            return self.columns
        if isinstance(columns, str):
            columns = [columns]
        for name in columns:
            self._column(name)
        return list(columns)

    def _column(self, name: str) -> pa.DataType:
        if name not in self.schema.names:
            near = difflib.get_close_matches(str(name), self.schema.names, n=1)
            raise UsageError(
                f"{self.name} has no column {name!r}",
                hint=f"did you mean {near[0]!r}?" if near else "see .columns",
            )
        return self.schema.field(name).type

    def _rules(self, filter: Filter | None) -> list[_Rule]:
        if filter is None:
            return []
        if isinstance(filter, Mapping):
            return [self._rule((n, "in" if _many(v) else "==", v)) for n, v in filter.items()]
        return [self._rule(rule) for rule in filter]

    def _rule(self, rule: Any) -> _Rule:
        if not isinstance(rule, tuple) or len(rule) != 3:
            raise UsageError(
                f"no filter: {rule!r}",
                hint="{'year': 2023} or [('year', '>=', 2020), ('organ', '==', …)]",
            )
        name, how, value = rule
        kind = self._column(name)
        if how != "in" and how not in _COMPARE:
            raise UsageError(f"no comparison {how!r}", hint=f"one of {', '.join(_COMPARE)}, in")
        try:
            values = pa.array(list(value) if how == "in" else [value], kind, from_pandas=True)
        except (pa.ArrowException, TypeError) as error:
            raise UsageError(
                f"{value!r} is no value of {name} ({kind})",
                hint="compare a column with values of its own kind",
            ) from error
        return _Rule(name, how, values)


@dataclass(frozen=True, slots=True)
class _Rule:
    """A column, a comparison, and the value (or values) of the column's type."""

    name: str
    how: str
    values: pa.Array


def _years(year: int | None, rows: int) -> pa.Array:
    return pa.array([year], pa.int64()).take(pa.array(np.zeros(rows, dtype=np.int8)))


def _many(value: Any) -> bool:
    """Whether a condition gives several values: a list, a set, an array, a column of a frame."""
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes))


def _holds(column: pa.Array, rule: _Rule) -> Any:
    """Whether each value satisfies a rule; a missing one only where ``None`` is asked for."""
    value = rule.values[0] if len(rule.values) else None
    if rule.how == "in":
        found = pc.is_in(column, rule.values)
    elif value is not None and value.is_valid:
        found = _COMPARE[rule.how](column, value)
    else:
        found = pc.is_valid(column) if rule.how == "!=" else pc.is_null(column)
    return np.asarray(pc.fill_null(found, False))


def _holds_for_year(year: int | None, rules: Sequence[_Rule]) -> bool:
    own = pa.array([year], pa.int64())
    return all(_holds(own, rule)[0] for rule in rules if rule.name == PARTITION)


def _mask(column: pa.ChunkedArray, rule: _Rule) -> Any:
    """``_holds`` for each row; of a coded column each word is looked at once."""
    out = [np.zeros(0, dtype=bool)]
    for chunk in column.chunks:
        if not isinstance(chunk, pa.DictionaryArray):
            out.append(_holds(chunk, rule))
            continue
        # the last one stands for a missing text
        small = np.append(_holds(chunk.dictionary, rule), _holds(pa.nulls(1, pa.string()), rule))
        out.append(small[np.asarray(chunk.indices.fill_null(len(small) - 1))])
    return np.concatenate(out)


def _read(path: Path, names: Sequence[str]) -> pa.Table:
    """Columns of a file, texts as codes where the file has them so."""
    file = pq.ParquetFile(path)
    texts = [
        f.name
        for f in file.schema_arrow
        if f.type == pa.string() and f.name in names and f.name not in PLAIN
    ]
    return pq.read_table(
        path, columns=list(dict.fromkeys(names)), read_dictionary=texts, partitioning=None
    )


def _decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pa.types.is_dictionary(column.type):
        return column
    return pa.chunked_array([decoded(chunk) for chunk in column.chunks], pa.string())


@contextmanager
def reading(*views: View) -> Iterator[None]:
    """Arrow's errors as ``DatasetError`` that names the file."""
    try:
        yield
    except (OSError, pa.ArrowException) as error:
        for view in views:
            view.check_whole()
        names = ", ".join(view.name for view in views)
        raise DatasetError(
            f"cannot read {names}: {str(error)[:200]}", hint="run govreport verify on the folder"
        ) from error


def damaged(path: Path, why: str) -> DatasetError:
    """A file of the dataset that is not as it was written."""
    return DatasetError(
        f"{str(path)!r} {why}",
        hint="if the dataset was written to since it was loaded, load it again; "
        f"else restore the file from a copy, or {anew(path.parents[2])}",
        context={"path": str(path), "reason": why},
    )
