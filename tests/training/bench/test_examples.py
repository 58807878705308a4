"""Examples are what a method makes of each picture, or of each run of frames."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from facialis.clinical.scales import Scale
from facialis.errors import InputError
from facialis.training.examples import example_rows, joined, read_examples


def test_every_picture_becomes_one_row_of_every_array_in_order(toy_manifest, toy_variant):
    manifest = toy_manifest(people=5, each=3)
    seen = []
    examples = read_examples(
        manifest, toy_variant().learner(), lambda done, of: seen.append((done, of))
    )
    assert examples.names == tuple(row.name for row in manifest.rows)
    assert examples.arrays["image"].shape == (15, 3, 32, 32)
    assert examples.arrays["image"].dtype == np.uint8
    truth = [int(row.labels[0].value) for row in manifest.rows]
    assert examples.arrays["palsy"].tolist() == truth
    assert seen[-1] == (15, 15)


def test_a_row_without_label_is_unknown(toy_manifest, toy_variant):
    examples = read_examples(toy_manifest(labelled=False), toy_variant().learner())
    assert set(examples.arrays["palsy"].tolist()) == {-1}


def test_a_sequence_is_a_run_of_one_recording_and_the_rest_is_counted(toy_manifest, toy_variant):
    manifest = toy_manifest(people=2, each=7)

    class Pairs(type(toy_variant().learner())):
        frames = 3

        def example(self, sources):
            assert len({each.subject for each in sources}) == 1
            return {"frames": np.array([each.row.frame for each in sources])}

    learner = Pairs(toy_variant().settings())
    examples = read_examples(manifest, learner)
    assert examples.arrays["frames"].tolist() == [[0, 1, 2], [3, 4, 5]] * 2
    assert examples.names == ("0-0", "0-3", "1-7", "1-10")
    assert examples.left_out == {"frames in no run": 2}


def test_single_pictures_give_no_sequence_and_that_is_said(toy_manifest, toy_variant):
    manifest = toy_manifest()
    still = replace(manifest, rows=tuple(replace(row, frame=None) for row in manifest.rows))
    learner = toy_variant().learner()
    learner.frames = 4
    assert example_rows(still.rows, 4) == []
    with pytest.raises(InputError, match="no run of 4 consecutive frames"):
        read_examples(still, learner)


def test_a_missing_picture_is_named(toy_manifest, toy_variant):
    manifest = toy_manifest()
    (manifest.root / manifest.rows[3].path).unlink()
    with pytest.raises(InputError, match=r"0-3\.png"):
        read_examples(manifest, toy_variant().learner())


def test_a_manifest_that_was_never_written_is_refused(toy_manifest, toy_variant):
    with pytest.raises(InputError, match="never written"):
        read_examples(replace(toy_manifest(), root=None), toy_variant().learner())


def test_labels_of_a_finer_scale_are_mapped(toy_manifest):
    from facialis.datasets.framed_source import FramedSource
    from facialis.datasets.sample import Label

    manifest = toy_manifest()
    graded = replace(manifest.rows[0], labels=(Label(Scale.HOUSE_BRACKMANN, 5),))
    source = FramedSource(manifest.root, graded)
    assert (source.label(Scale.HOUSE_BRACKMANN), source.label(Scale.LEVEL)) == (4, 2)
    assert source.label(Scale.PALSY) == 1


def test_examples_of_several_data_sets_become_one_row_each(toy_manifest, toy_variant):
    learner = toy_variant().learner()
    one, other = (
        read_examples(each, learner)
        for each in (toy_manifest(people=2), renamed(toy_manifest("more", people=3)))
    )
    both = joined([one, other])
    assert both.names == one.names + other.names
    assert set(both.subjects[len(one) :]) == set(other.subjects)
    np.testing.assert_array_equal(both.arrays["image"][len(one) :], other.arrays["image"])
    assert both.of(other.names).tolist() == list(range(len(one), len(both)))
    assert joined([one]) is one


def renamed(manifest):
    rows = tuple(replace(row, name=f"more-{row.name}") for row in manifest.rows)
    return replace(manifest, rows=rows)
