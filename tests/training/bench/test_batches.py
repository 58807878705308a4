"""Batches: every example once an epoch, in an order of the seed and the epoch alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from facialis.training.batches import EpochBatches, loader


@given(st.integers(1, 200), st.integers(2, 40), st.integers(0, 5))
def test_each_example_comes_once_an_epoch_in_batches_of_nearly_one_size(count, batch, epoch):
    sampler = EpochBatches(np.arange(count), batch, seed=3, shared=True)
    sampler.set_epoch(epoch)
    batches = list(sampler)
    sizes = [len(each) for each in batches]
    assert sorted(np.concatenate(batches)) == list(range(count))
    assert max(sizes) <= batch
    assert max(sizes) - min(sizes) <= 1
    assert len(batches) == len(sampler)
    assert min(sizes) > 1 or count == 1 or batch == 2


def test_the_order_depends_on_seed_and_epoch_alone():
    def order(seed, epoch):
        sampler = EpochBatches(np.arange(50), 8, seed, shared=True)
        sampler.set_epoch(epoch)
        return np.concatenate(list(sampler)).tolist()

    assert order(1, 0) == order(1, 0)
    assert order(1, 0) != order(1, 1)
    assert order(1, 0) != order(2, 0)
    assert order(None, 3) == list(range(50))


def test_a_batch_holds_the_rows_of_every_array():
    arrays = {"a": np.arange(10), "b": np.arange(20).reshape(10, 2)}
    batches = list(loader(arrays, np.array([7, 2, 5]), 2))
    assert [each["a"].tolist() for each in batches] == [[7, 2], [5]]
    assert batches[1]["b"].tolist() == [[10, 11]]


@pytest.mark.parametrize("processes", [2, 3])
def test_processes_share_each_batch(monkeypatch, processes):
    from facialis.training import batches as module

    seen = []
    for rank in range(processes):
        monkeypatch.setattr(module, "_place", lambda rank=rank: (rank, processes))
        seen.append(list(EpochBatches(np.arange(24), 12, seed=1, shared=True)))
    assert {len(each) for each in seen} == {2}
    assert sorted(np.concatenate([np.concatenate(each) for each in seen])) == list(range(24))


def test_what_is_not_shared_goes_to_every_process_whole(monkeypatch):
    from facialis.training import batches as module

    monkeypatch.setattr(module, "_place", lambda: (1, 2))
    batches = loader({"a": np.arange(10)}, np.arange(10), 4)
    assert np.concatenate([each["a"] for each in batches]).tolist() == list(range(10))
