"""One table of a dataset, read when asked for and no further than asked.

Only files of the manifest are read; of these only the years and columns that are needed.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as pds
import pyarrow.fs
import pyarrow.parquet as pq

from govreport_parse.dataset.layout import PARTITION, schema_of
from govreport_parse.dataset.manifest import Part
from govreport_parse.errors import DatasetError, UsageError

if TYPE_CHECKING:
    import pandas

Filter = Mapping[str, Any] | Iterable[tuple[str, str, Any]]
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

    ``filter`` is a mapping of column to value (or list of values, or ``None`` for missing), or a
    list of ``(column, comparison, value)``; all conditions must hold.
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
        condition = self._condition(filter)
        with reading(self):
            table: pa.Table = self.dataset().to_table(columns=names, filter=condition)
        return table

    def to_pandas(
        self, columns: Sequence[str] | None = None, filter: Filter | None = None
    ) -> pandas.DataFrame:
        """The rows as a DataFrame with nullable types."""
        from govreport_parse.frames import to_pandas

        return to_pandas(self.to_table(columns, filter))

    def batches(
        self, columns: Sequence[str] | None = None, filter: Filter | None = None
    ) -> Iterator[pa.RecordBatch]:
        """The rows batch by batch, so that memory stays small."""
        names = self._known(columns)
        condition = self._condition(filter)
        with reading(self):
            # one file after the other, in order
            scanner = self.dataset().scanner(
                columns=names, filter=condition, fragment_readahead=1, batch_readahead=2
            )
            yield from scanner.to_batches()

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

    def _known(self, columns: Sequence[str] | None) -> list[str] | None:
        if columns is None:
            return None
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

    def _condition(self, filter: Filter | None) -> pc.Expression | None:
        if filter is None:
            return None
        if isinstance(filter, Mapping):
            rules = [(name, "in" if _many(v) else "==", v) for name, v in filter.items()]
        else:
            rules = list(filter)
        made: pc.Expression | None = None
        for rule in rules:
            one = self._rule(rule)
            made = one if made is None else made & one
        return made

    def _rule(self, rule: Any) -> pc.Expression:
        if not isinstance(rule, tuple) or len(rule) != 3:
            raise UsageError(
                f"no filter: {rule!r}",
                hint="{'year': 2023} or [('year', '>=', 2020), ('organ', '==', …)]",
            )
        name, how, value = rule
        kind = self._column(name)
        field = pc.field(name)
        try:
            if how == "in":
                return _is_in(field, list(value), kind)
            if how not in _COMPARE:
                raise UsageError(f"no comparison {how!r}", hint=f"one of {', '.join(_COMPARE)}, in")
            if value is None:
                missing = pc.is_null(field)
                return ~missing if how == "!=" else missing
            return _COMPARE[how](field, pa.scalar(value, kind))
        except (pa.ArrowException, TypeError) as error:
            raise UsageError(f"{value!r} is no value of {name} ({kind})") from error


def _many(value: Any) -> bool:
    return isinstance(value, (list, tuple, set, frozenset, range))


def _is_in(field: pc.Expression, values: list[Any], kind: pa.DataType) -> pc.Expression:
    known = [v for v in values if v is not None]
    found = field.isin(pa.array(known, kind))
    return found | pc.is_null(field) if len(known) < len(values) else found


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
        "else restore the file or build the dataset again",
        context={"path": str(path), "reason": why},
    )
