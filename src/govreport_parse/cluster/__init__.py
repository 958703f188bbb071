"""Many documents on all cores or many machines: one batch function on any executor.

``process_many`` deals names of documents to a ``concurrent.futures.Executor`` (processes here,
``dask_executor(address)``, Parsl) and commits one dataset. Without any engine, ``shard="i/n"`` does
one share of the work and ``merge_datasets`` joins the shares.
"""

from __future__ import annotations

from govreport_parse.cluster.batch import run_batch
from govreport_parse.cluster.engines import dask_executor, local_processes
from govreport_parse.cluster.inputs import Input, list_store, read_input
from govreport_parse.cluster.notes import Note
from govreport_parse.cluster.run import Progress, RunResult, process_many
from govreport_parse.cluster.shards import Shard, host_groups, shard_of, shard_of_name
from govreport_parse.dataset.merge import merge_datasets

__all__ = [
    "Input",
    "Note",
    "Progress",
    "RunResult",
    "Shard",
    "dask_executor",
    "host_groups",
    "list_store",
    "local_processes",
    "merge_datasets",
    "process_many",
    "read_input",
    "run_batch",
    "shard_of",
    "shard_of_name",
]
