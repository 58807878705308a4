"""Fitting what lesions do in each movement."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="calibration needs the extra 'train'")

from facialis.cli import main
from facialis.clinical.anatomy import Movement, Side
from facialis.clinical.scales import Scale
from facialis.datasets.manifest import Manifest, Row
from facialis.datasets.manifest_files import write_manifest
from facialis.datasets.sample import Label
from facialis.errors import InputError
from facialis.evaluation import resampling
from facialis.face.mesh import TEMPLATE
from facialis.measures.lesions import Lesion, with_lesion
from facialis.measures.side import lesion_table
from facialis.training.side_fit import LEAST, fitted, honest_temper, lesioned

PEOPLE = 6
LOUD = (Movement.REST, Movement.BROW_RAISE)
RARE = Movement.PUCKER


@pytest.fixture(autouse=True)
def _few_resamples(monkeypatch):
    monkeypatch.setattr(resampling.drawn, "__defaults__", (20,))


def cohort(folder: Path, people: int = PEOPLE, each: int = LEAST // 3) -> Manifest:
    """Faces with a lesion of mouth (rest) or brow (raised), and a few of a third movement."""
    rng = np.random.default_rng(0)
    (folder / "landmarks").mkdir(parents=True)
    rows = []
    for number in range(people * each):
        for movement in (*LOUD, *([RARE] if number < 3 else [])):
            side = Side.LEFT if rng.random() < 0.5 else Side.RIGHT
            kind = Lesion(1, 0, 0) if movement is Movement.BROW_RAISE else Lesion(0, 0.3, 1)
            face = with_lesion(TEMPLATE, kind, side, smile=None, rng=rng)
            points = 100 * (face + rng.normal(0, 0.004, face.shape)) + 300
            name = f"{number}-{movement.value}"
            np.save(folder / "landmarks" / f"{name}.npy", points)
            (folder / f"{name}.png").write_bytes(b"not read")
            rows.append(
                Row(
                    name=name,
                    path=f"{name}.png",
                    sha256=f"{number:064x}",
                    subject=f"person/{number % people}",
                    source="simulated",
                    fingerprint="",
                    labels=(Label(Scale.HOUSE_BRACKMANN, 5, rater="lesion"),),
                    side=side,
                    movement=movement,
                    annotations={"landmarks": f"landmarks/{name}.npy"},
                )
            )
    manifest = Manifest("Made up", tuple(rows), root=folder)
    write_manifest(manifest, folder)
    return manifest


def test_lesions_are_fitted_for_movements_that_are_shown_often_enough(tmp_path: Path) -> None:
    pictures = lesioned(cohort(tmp_path / "data"))
    table, measured = fitted(pictures, "Made up")
    assert set(table["movements"]) == {each.value for each in LOUD}
    assert "6 people" in table["note"]
    known = lesion_table(json.dumps(table).encode())
    names = list(table["features"])
    brow, mouth = names.index("brow_middle"), names.index("commissure_height")
    assert known.movements[Movement.BROW_RAISE].mean[brow] < -0.01
    assert abs(known.movements[Movement.BROW_RAISE].mean[mouth]) < 0.005
    assert known.movements[Movement.REST].mean[mouth] < -0.01
    assert known.temper > 0
    assert known.temper_guessed > 0
    assert set(known.guess.movements) == set(LOUD)
    right, low, high = measured["side right, of all palsies"]
    assert low <= right <= high
    assert right > 0.95


def test_evidence_that_is_wrong_as_often_as_right_is_worth_nothing() -> None:
    assert honest_temper(np.array([4.0, -4.0])) == pytest.approx(0.05)
    assert honest_temper(np.array([4.0, 4.0, 4.0])) == pytest.approx(1.5)


def test_the_command_writes_a_table_that_can_be_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cohort(tmp_path / "data")
    out = tmp_path / "new" / "lesions.json"
    call = ["calibrate-sides", "--data", str(tmp_path / "data"), "--out", str(out)]
    with pytest.raises(SystemExit) as ended:
        main(call)
    assert ended.value.code == 0
    said = capsys.readouterr().out
    assert "2 movements" in said
    assert "side right, of palsies that are called" in said
    assert lesion_table(out.read_bytes()).movements.keys() == set(LOUD)


def test_few_people_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    cohort(tmp_path / "data", people=2)
    out = tmp_path / "lesions.json"
    with pytest.raises(SystemExit) as ended:
        main(["calibrate-sides", "--data", str(tmp_path / "data"), "--out", str(out)])
    assert ended.value.code == 2
    assert "fewer than 5 people" in capsys.readouterr().err
    assert not out.exists()


def test_palsies_none_of_which_is_called_are_refused(tmp_path: Path) -> None:
    pictures = lesioned(cohort(tmp_path / "data"))
    faint = replace(pictures, called=np.zeros(len(pictures.called), bool))
    with pytest.raises(InputError, match="calls"):
        fitted(faint, "Made up")


def test_few_pictures_are_refused(tmp_path: Path) -> None:
    pictures = lesioned(cohort(tmp_path / "data", each=2))
    with pytest.raises(InputError, match="fewer than"):
        fitted(pictures, "Made up")


def test_palsies_that_only_all_people_together_show_often_enough_are_refused(
    tmp_path: Path,
) -> None:
    pictures = lesioned(cohort(tmp_path / "data", each=LEAST // PEOPLE + 1))
    assert set(pictures.lesions()) == set(LOUD)
    with pytest.raises(InputError, match="without a fifth of its people"):
        fitted(pictures, "Made up")
