"""The result of an evaluation: numbers, with everything that says what they are of.

A result is made by `describe`, which refuses splits that leak. One that was measured on the leaky
protocol carries the protocol's name, and every sentence and table made of it says LEAKY (S2-12).
"""

from __future__ import annotations

import json
import math
import os
import platform
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

import facialis
from facialis.errors import InputError
from facialis.evaluation.intervals import Interval
from facialis.evaluation.leaks import assert_no_leak
from facialis.evaluation.predictions import Predictions
from facialis.evaluation.records import Measured
from facialis.evaluation.scoring import VOTE
from facialis.evaluation.scoring_tasks import TaskScores
from facialis.evaluation.splits import Protocol
from facialis.evaluation.tested import Tested
from facialis.methods.tasks import Segmentation, Task
from facialis.report.files import replace_file
from facialis.report.schema import published_schema

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from facialis.evaluation.divided import Divided
    from facialis.evaluation.scoring import Scored

FORMAT_VERSION: Final = "1"
FILE_NAME: Final = "result.json"

_AGAIN: Final = "evaluate again, or name another file"
_SHOWN: Final = {
    "": ("mean F1", "accuracy", "macro F1"),
    VOTE: ("accuracy",),
}
"""The scores that a task is first judged by, for each reading that is told at once."""


class _Record(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ScoreRecord(_Record):
    """A score with its interval."""

    value: float | None = Field(description="The score; null if there was nothing to score.")
    low: float | None = Field(default=None, description="Lower end of the interval over people.")
    high: float | None = Field(default=None, description="Upper end of the interval over people.")
    undefined: int = Field(
        default=0,
        description="Members of an average that were undefined; resamples are not counted.",
    )


class BinRecord(_Record):
    """Answers of about one confidence."""

    low: float = Field(description="Least confidence.")
    high: float = Field(description="Most confidence.")
    rows: int = Field(description="How many answers.")
    confidence: float = Field(description="Their mean confidence.")
    right: float = Field(description="Share of them that was right.")


class TaskRecord(_Record):
    """All scores of one task, or of one way to read it."""

    task: str = Field(description="Name of the task.")
    reading: str = Field(description="Empty as answered, else level, palsy or vote of a case.")
    kind: Literal["segmentation", "classification"] = Field(description="What was answered.")
    classes: tuple[str, ...] = Field(description="Names of the classes.")
    weak: tuple[str, ...] = Field(description="Classes with weak labels, in no mean.")
    rows: int = Field(description="Rows (cases, of a vote) that were scored.")
    unlabelled: int = Field(
        description="Rows left out, for nobody labelled them; cases of a vote, for theirs disagree."
    )
    scores: dict[str, ScoreRecord] = Field(description="Scores by name.")
    confusion: tuple[tuple[int, ...], ...] = Field(description="True class in rows.")
    people: dict[str, dict[str, float | None]] = Field(description="Scores of each person.")
    reliability: tuple[BinRecord, ...] = Field(description="Bins of the calibration.")

    @property
    def title(self) -> str:
        """Task and reading in a few words."""
        return f"{self.task} as {self.reading}" if self.reading else self.task

    def score(self, name: str) -> ScoreRecord:
        """Return a score by name.

        Raises:
            InputError: There is none of that name.
        """
        if name not in self.scores:
            raise InputError(name, f"is no score of {self.title}", f"use {', '.join(self.scores)}")
        return self.scores[name]


class DataRecord(_Record):
    """What was tested on."""

    title: str = Field(description="Title of the manifest.")
    manifest: str = Field(description="Digest of the manifest.")
    sources: tuple[str, ...] = Field(description="Collections of the tested rows.")
    people: int = Field(description="People tested.")
    rows: int = Field(description="Rows tested.")


class SplitsRecord(_Record):
    """How people were divided."""

    protocol: Protocol = Field(description="The protocol; leaky has the same people everywhere.")
    digest: str = Field(description="Digest of all splits.")
    count: int = Field(description="How many splits.")
    caveats: tuple[str, ...] = Field(description="What a reader should know, one sentence each.")


class Result(_Record):
    """What came of an evaluation."""

    format: Literal["1"] = Field(default="1", description="Version of this format.")
    method: str = Field(description="Name of the method.")
    variant: str = Field(description="Row of an experiment; empty for the method itself.")
    settings: dict[str, Any] = Field(description="Every setting of the training.")
    parameters: int = Field(description="Trainable numbers.")
    training: tuple[dict[str, Any], ...] = Field(description="How each split was trained.")
    data: DataRecord = Field(description="What was tested on.")
    splits: SplitsRecord = Field(description="How people were divided.")
    seed: int = Field(description="Of every draw.")
    tasks: tuple[TaskRecord, ...] = Field(description="Scores of each task and reading.")
    notes: tuple[str, ...] = Field(default=(), description="Remarks written in by hand.")
    date: str = Field(description="When it was scored, UTC.")
    version: str = Field(description="Version of Facialis.")
    hardware: str = Field(description="What it was scored on.")

    @property
    def is_leaky(self) -> bool:
        """Whether the same people were in training and test."""
        return self.splits.protocol is Protocol.LEAKY

    @property
    def title(self) -> str:
        """Method and variant; LEAKY if the split was."""
        name = f"{self.method}, {self.variant}" if self.variant else self.method
        return f"LEAKY: {name}" if self.is_leaky else name

    @property
    def started_from(self) -> tuple[str, ...]:
        """What the weights of the splits started from, each once."""
        found = [str(each["started_from"]) for each in self.training if "started_from" in each]
        return tuple(dict.fromkeys(found))

    @property
    def sentences(self) -> tuple[str, ...]:
        """The scores that each task is first judged by, one sentence each."""
        return tuple(
            f"{task.title}: {self.measured(task, name).sentence}"
            for task in self.tasks
            for name in _SHOWN.get(task.reading, ())
            if name in task.scores and task.scores[name].value is not None
        )

    def measured(self, task: TaskRecord, name: str) -> Measured:
        """Return a score with what it was measured on."""
        score = task.score(name)
        there = score.low is not None and score.high is not None
        return Measured(
            metric=name,
            value=math.nan if score.value is None else score.value,
            interval=Interval(float(score.low or 0), float(score.high or 0)) if there else None,
            undefined=score.undefined,
            data=self.data.title,
            manifest=self.data.manifest,
            splits=self.splits.digest,
            protocol=self.splits.protocol,
            people=len(task.people),
            rows=task.rows,
            caveats=self.splits.caveats,
        )

    def task(self, name: str, reading: str = "") -> TaskRecord | None:
        """Return the scores of a task in a reading, or None."""
        found = (each for each in self.tasks if (each.task, each.reading) == (name, reading))
        return next(found, None)

    def save(self, file: Path) -> None:
        """Write the result as JSON, whole or not at all.

        Raises:
            OutputError: The file cannot be written.
        """
        record = self.model_dump(mode="json")
        text = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False)
        replace_file(file, (text + "\n").encode())


def describe(
    *,
    method: str,
    variant: str,
    settings: Mapping[str, Any],
    tested: Divided,
    learned: Divided | None = None,
    seed: int,
    training: Sequence[Mapping[str, Any]],
    tasks: Sequence[Task],
    predictions: Sequence[Path],
    parameters: int,
) -> Result:
    """Return the result of stored predictions, after checking that no split leaks.

    Args:
        method: Name of the method.
        variant: Row of an experiment; empty for the method itself.
        settings: Every setting of the training.
        tested: What was tested on, and how it was divided.
        learned: What was learned from, if that is another data set.
        seed: Draws the intervals.
        training: How each split was trained.
        tasks: What the method answers.
        predictions: One file a split.
        parameters: Trainable numbers.

    Raises:
        LeakError: A split has the same people or pictures in more than one part.
        InputError: The predictions are not of the splits.
    """
    manifest, splits = tested.manifest, tested.splits
    for split in splits.splits:
        assert_no_leak(manifest, split, leaky=splits.protocol is Protocol.LEAKY)
    counted, scores = Tested(tested), TaskScores(tasks)
    for file in predictions:
        given = Predictions.load(file)
        counted.add(given, file)
        scores.add(given)
    recordings = {row.name: row.video for row in manifest.rows}
    return Result(
        method=method,
        variant=variant,
        settings=json.loads(json.dumps(settings, default=str)),
        parameters=parameters,
        training=tuple(json.loads(json.dumps(each, default=str)) for each in training),
        data=DataRecord(
            title=manifest.title,
            manifest=manifest.digest,
            sources=tuple(sorted(counted.sources)),
            people=len(counted.people),
            rows=counted.rows,
        ),
        splits=SplitsRecord(
            protocol=splits.protocol,
            digest=splits.digest,
            count=len(splits.splits),
            caveats=(*(each.sentence for each in splits.caveats), *counted.missing),
        ),
        seed=seed,
        tasks=tuple(
            _record(scored, task)
            for task, scored in scores.scored(recordings, learned or tested, seed=seed)
        ),
        date=datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        version=facialis.__version__,
        hardware=_hardware(),
    )


def read_result(file: str | Path) -> Result:
    """Return the result in a file.

    Raises:
        InputError: It cannot be read, is damaged, or is of another format.
    """
    try:
        return Result.model_validate_json(Path(file).read_bytes())
    except OSError as error:
        problem = f"cannot be read ({(error.strerror or 'error').lower()})"
        raise InputError(file, problem, _AGAIN) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise InputError(file, f"is no result ({place}: {first['msg']})", _AGAIN) from error


def read_results(places: Iterable[str | Path]) -> tuple[Result, ...]:
    """Return the results in files and folders.

    In a folder every ``result.json`` counts, however deep, and, where there is none, every JSON
    file that lies in it.

    Raises:
        InputError: A file is damaged, or a folder holds none.
    """
    found: dict[Path, Result] = {}
    for place in map(Path, places):
        files = _files(place) if place.is_dir() else [place]
        if not files:
            raise InputError(place, "holds no result", "name a folder that 'evaluate' wrote")
        found |= {file.resolve(): read_result(file) for file in files}
    return tuple(found.values())


def shipped_results() -> tuple[Result, ...]:
    """Return the results that come with Facialis, in the order of their file names."""
    folder = Path(__file__).with_name("results")
    return tuple(read_result(file) for file in sorted(folder.glob("*.json")))


def result_schema() -> dict[str, Any]:
    """Return the JSON Schema that every result follows."""
    title = "The result of an evaluation"
    return published_schema(Result, name="result", version=FORMAT_VERSION, title=title)


def _record(scored: Scored, task: Task) -> TaskRecord:
    return TaskRecord(
        task=scored.task,
        reading=scored.reading,
        kind="segmentation" if isinstance(task, Segmentation) else "classification",
        classes=scored.classes,
        weak=scored.weak,
        rows=scored.rows,
        unlabelled=scored.unlabelled,
        scores={
            name: ScoreRecord(
                value=_number(each.value),
                low=None if each.interval is None else _number(each.interval.low),
                high=None if each.interval is None else _number(each.interval.high),
                undefined=each.undefined,
            )
            for name, each in scored.figures.items()
        },
        confusion=tuple(tuple(int(count) for count in row) for row in scored.matrix),
        people={
            person: {name: _number(value) for name, value in values.items()}
            for person, values in scored.people.items()
        },
        reliability=tuple(
            BinRecord(
                low=each.low,
                high=each.high,
                rows=each.rows,
                confidence=each.confidence,
                right=each.right,
            )
            for each in scored.reliability
        ),
    )


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _files(folder: Path) -> list[Path]:
    return sorted(folder.rglob(FILE_NAME)) or sorted(folder.glob("*.json"))


def _hardware() -> str:
    return f"{platform.machine()}, {os.cpu_count()} CPUs, {platform.system()}"
