"""Which networks a record names."""

from __future__ import annotations

import pytest

from facialis.measures.norms import default_norms
from facialis.report.provenance import provenance, with_networks

FUSION, SEQUENCES, GRADER = "multimodal_fusion-light", "phcnn_lstm-light", "fp_vggface-light"


@pytest.mark.parametrize(
    ("asked", "refined"),
    [((FUSION,), 1), ((SEQUENCES,), 1), ((FUSION, SEQUENCES), 1), ((GRADER,), 0)],
)
def test_a_record_names_the_network_that_refines_landmarks_where_a_method_reads_them(
    asked, refined
):
    faces = tuple(name for name in asked if name != SEQUENCES)
    made = with_networks(provenance(default_norms(), faces), asked)
    names = [each.name for each in made.weights]
    assert set(asked) <= set(names)
    assert len(names) == len(set(names))
    assert names.count("landmark_refinement") == refined
