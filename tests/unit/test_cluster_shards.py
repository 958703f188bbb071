"""A harvest is dealt by registered domain and group of addresses; a merge takes all shards."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

import govreport_parse as gov
from govreport_parse.cluster import host_groups, shard_of, shard_of_name
from govreport_parse.cluster.attempts import FOLDER as ATTEMPTS
from govreport_parse.cluster.merging import Shares, shares_of
from govreport_parse.cluster.notes import FOLDER as NOTES
from govreport_parse.cluster.shards import Shard
from govreport_parse.dataset import write_dataset
from govreport_parse.dataset.staged import staging_of
from govreport_parse.errors import DatasetError, UsageError
from govreport_parse.testing import random_record, render_text


def test_all_hosts_of_a_domain_are_in_one_shard() -> None:
    urls = [
        "http://www.town.gov.cn/a.html",
        "https://zwgk.town.gov.cn:8443/b?c=1",
        "HTTPS://TOWN.gov.cn/",
    ]
    assert {shard_of(u, 50) for u in urls} == {shard_of_name("town.gov.cn", 50)}
    # another domain under the same second level is dealt on its own
    found = {shard_of(f"http://www.t{n}.gov.cn/", 50) for n in range(500)}
    assert len(found) == 50


def test_domains_that_share_a_group_of_addresses_are_in_one_shard() -> None:
    addresses = {
        "www.a.gov.cn": ["203.0.113.7"],
        "www.b.gov.cn": ["203.0.113.200", "198.51.100.1"],  # joins a, and brings c
        "c.gov.cn": ["198.51.100.99"],
        "d.gov.cn": ["192.0.2.1"],
        "zwgk.a.gov.cn": ["192.0.2.77"],  # a's second host joins d
        "e.gov.cn": ["100.64.7.1"],
        "dead.gov.cn": [],
    }
    groups = host_groups(addresses)
    assert groups == {
        "a.gov.cn": "a.gov.cn",
        "b.gov.cn": "a.gov.cn",
        "c.gov.cn": "a.gov.cn",
        "d.gov.cn": "a.gov.cn",
        "dead.gov.cn": "dead.gov.cn",
        "e.gov.cn": "e.gov.cn",
    }
    assert host_groups(dict(reversed(addresses.items()))) == groups
    for host in ("www.b.gov.cn", "c.gov.cn", "d.gov.cn", "x.d.gov.cn"):
        assert shard_of(f"http://{host}/", 97, groups) == shard_of_name("a.gov.cn", 97)
    assert shard_of("http://e.gov.cn/", 97, groups) == shard_of_name("e.gov.cn", 97)
    # a domain that the table does not know is dealt by its own name
    assert shard_of("http://new.gov.cn/", 97, groups) == shard_of_name("new.gov.cn", 97)


def test_what_is_no_web_address_is_refused() -> None:
    with pytest.raises(UsageError, match="can't be used"):
        shard_of("ftp://a.gov.cn/", 3)


# -- what a merge takes ----------------------------------------------------------------------------


@pytest.fixture
def shards(tmp_path: Path) -> Path:
    """Three whole shards of one report each, in a folder."""
    for number in (1, 2, 3):
        report = gov.parse(
            render_text(random_record(random.Random(number), size="small"), "B").text
        )
        write_dataset([report], tmp_path / "all" / f"shard-{number}-of-3" / "dataset")
    return tmp_path / "all"


def names(shares: Shares) -> list[str]:
    return [folder.name for folder in shares.folders]


def test_shards_are_named_or_stand_in_a_folder(shards: Path, tmp_path: Path) -> None:
    whole = [f"shard-{n}-of-3" for n in (1, 2, 3)]
    assert names(shares_of([shards])) == whole
    assert names(shares_of([shards / n for n in whole])) == whole
    inner = shares_of([shards / whole[0] / "dataset", shards / whole[1], shards / whole[2]])
    assert names(inner) == ["dataset", *whole[1:]]
    # other datasets come with them, a folder of a dataset is itself
    write_dataset([], tmp_path / "other")
    assert names(shares_of([tmp_path / "other", shards])) == ["other", *whole]
    write_dataset([], shards / "dataset")
    assert names(shares_of([shards])) == ["all"]


def test_a_shard_that_is_missing_is_told_by_its_number(shards: Path) -> None:
    some = [shards / "shard-1-of-3", shards / "shard-3-of-3"]
    with pytest.raises(DatasetError, match="shard 2 of 3 is missing") as caught:
        shares_of(some)
    assert "--partial" in caught.value.hint
    partial = shares_of(some, partial=True)
    assert names(partial) == ["shard-1-of-3", "shard-3-of-3"]
    assert partial.missing == ("shard 2 of 3 is missing",)
    with pytest.raises(DatasetError, match="shard-2-of-9: it is not there; shard 1 of 9"):
        shares_of([shards / "shard-2-of-9"])


def test_shards_whose_run_has_not_ended_are_told(shards: Path) -> None:
    first, second = shards / "shard-1-of-3", shards / "shard-2-of-3"
    (first / "dataset" / "_manifest.json").unlink()  # as a run that was killed leaves it
    with pytest.raises(DatasetError, match="shard-1-of-3: it has no dataset; its run has not"):
        shares_of([shards])
    assert names(shares_of([shards], partial=True)) == ["shard-2-of-3", "shard-3-of-3"]
    # one that ended, and was run again over more: its old dataset is not the whole
    waiting = second / "dataset" / ".staging"
    (waiting / "attempts").mkdir(parents=True)
    (waiting / "notes").mkdir()
    assert "shard-2" not in shares_of([shards], partial=True).missing[0]
    (waiting / "0123abcd").mkdir()
    partial = shares_of([shards], partial=True)
    assert partial.missing[1].endswith("parts of a later run wait in it, which has not ended")
    assert names(partial) == ["shard-2-of-3", "shard-3-of-3"]


def test_the_same_shard_twice_is_told_and_whole_sets_are_not(shards: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(shards, copy)
    with pytest.raises(DatasetError, match="shard 2 of 3 is there twice") as caught:
        shares_of([shards, copy / "shard-2-of-3"])
    assert str(copy / "shard-2-of-3") in caught.value.message
    assert len(shares_of([shards, copy]).folders) == 6
    write_dataset([], copy / "shard-2-of-2")
    with pytest.raises(DatasetError, match="shard 1 of 2 is missing"):
        shares_of([shards, copy / "shard-2-of-2"])


def test_what_is_known_of_a_harvest_counts(shards: Path) -> None:
    def unfinished(folder: Path) -> str | None:
        return "its harvest was stopped" if folder.name == "shard-3-of-3" else None

    with pytest.raises(DatasetError, match="shard-3-of-3: its harvest was stopped"):
        shares_of([shards], unfinished=unfinished)
    partial = shares_of([shards], partial=True, unfinished=unfinished)
    assert len(partial.folders) == 3  # what it has is taken, and told as not whole
    assert len(partial.missing) == 1


def test_only_parts_of_a_run_that_has_not_ended_count_as_such(shards: Path) -> None:
    first = shards / "shard-1-of-3"
    staging = staging_of(first / "dataset")
    for kept in (ATTEMPTS, NOTES):
        (staging / kept).mkdir(parents=True, exist_ok=True)
    assert shares_of([shards]).missing == ()
    for where in (first, first / "dataset"):
        part = staging_of(where) / ("0" * 40)
        part.mkdir(parents=True)
        with pytest.raises(DatasetError, match="shard-1-of-3: parts of a later run wait in it"):
            shares_of([shards])
        part.rmdir()


@pytest.mark.parametrize(("count", "more"), [(6, ""), (7, "; and 1 more"), (8, "; and 2 more")])
def test_five_missing_shards_are_named_and_the_others_counted(
    shards: Path, count: int, more: str
) -> None:
    folder = shards.parent / "other" / f"shard-1-of-{count}"
    (shards / "shard-1-of-3").rename(folder.parent.mkdir() or folder)
    with pytest.raises(DatasetError) as caught:
        shares_of([folder])
    named = "; ".join(f"shard {n} of {count} is missing" for n in range(2, 7))
    assert caught.value.message == f"not all shards are whole: {named}{more}"
    assert len(caught.value.context["missing"]) == count - 1


def test_shards_are_counted_from_1_to_100_000() -> None:
    for text, name in (
        ("1/1", "shard-1-of-1"),
        ("2/10", "shard-02-of-10"),
        (" 100000/100000 ", "shard-100000-of-100000"),
    ):
        assert Shard.of(text).folder("x").name == name
    for text in ("0/8", "9/8", "1/100001", "1/0", "a/b", ""):
        with pytest.raises(UsageError, match="is no shard"):
            Shard.of(text)
