"""Several pieces as one: many small ones cost more to pick from than few large ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from govreport_parse.dataset.pieces import CHILDREN, Piece, gather_rows


def joined(pieces: Sequence[Piece], rows: Any = None) -> Piece:
    """The reports of some pieces in one, by year (unknown first) and id.

    ``rows``: numbers of the reports to keep, counted over all pieces; default all.
    """
    reports = pa.concat_tables([p.reports for p in pieces])
    order = _order(reports)
    if rows is not None:
        keep = np.zeros(reports.num_rows, dtype=bool)
        keep[rows] = True
        order = order[keep[order]]
    sizes = [p.reports.num_rows for p in pieces]
    bases = np.cumsum([0, *sizes])
    of = np.repeat(np.arange(len(pieces)), sizes)
    picks = np.stack([of, np.arange(reports.num_rows) - bases[of]], axis=1)[order]
    children: dict[str, pa.Table] = {}
    starts: dict[str, Any] = {}
    for name in CHILDREN:
        index, counts = gather_rows(name, pieces, picks)
        table = pa.concat_tables([p.children[name] for p in pieces]).combine_chunks()
        children[name] = table if index is None else table.take(pa.array(index))
        starts[name] = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Piece(reports.take(pa.array(order)).combine_chunks(), children, starts)


def _order(reports: pa.Table) -> Any:
    years = pc.fill_null(reports["year"], -1)
    keys = pa.table({"y": years, "i": reports["report_id"]})
    return np.asarray(pc.sort_indices(keys, [("y", "ascending"), ("i", "ascending")]))
