"""Train and test a method on every split of a protocol, and write what came of it.

A folder holds ``runs/`` (one training a split), ``predictions/`` (answers to each split's test,
and to the same people in other data sets) and the evaluation itself. All of it is gone on with if
it was stopped. The tested people are looked at once, when training is over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from facialis.datasets.framed_source import FramedSource
from facialis.datasets.manifest import Manifest
from facialis.datasets.targets import Target
from facialis.errors import InputError
from facialis.evaluation import protocols
from facialis.evaluation.caveats import class_caveats
from facialis.evaluation.divided import Divided
from facialis.evaluation.leaks import assert_no_leak, assert_strangers, strangers
from facialis.evaluation.predictions import FOLDER, prediction_files
from facialis.evaluation.result import FILE_NAME, describe
from facialis.evaluation.sheet import PANEL, in_a_grid
from facialis.evaluation.splits import Caveat, Protocol, Split, Splits
from facialis.evaluation.writing import Shown, write_evaluation
from facialis.methods.tasks import Classification
from facialis.report.files import make_directory
from facialis.training.answering import answered
from facialis.training.curves import draw_curves
from facialis.training.examples import Examples, example_rows, joined, read_examples
from facialis.training.fit import (
    Machine,
    Order,
    Parts,
    fit,
    is_first_process,
)
from facialis.training.run_folder import claim, claimed_facts
from facialis.training.settings import Variant
from facialis.training.weights_file import Start

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from facialis.evaluation.result import Result
    from facialis.networks.learner import Learner

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """How the people of a data set are divided, as a command line asks for it.

    Attributes:
        protocol: Which.
        seed: Of every draw, in dividing and in training.
        folds: Of `Protocol.KFOLD`.
        train_on: Collections to learn from, of `Protocol.CROSS`.
        test_on: Collections to test on, of `Protocol.CROSS`.
    """

    protocol: Protocol
    seed: int = 0
    folds: int = protocols.FOLDS
    train_on: tuple[str, ...] = ()
    test_on: tuple[str, ...] = ()

    def of(self, manifest: Manifest, learner: Learner) -> Splits:
        """Return the splits of a manifest, stratified by what the learner answers.

        `Protocol.FIXED` takes the parts that the manifest fixes, or, where it fixes none, two
        thirds, a sixth and a sixth of the people ([001], D1-15).

        Raises:
            InputError: The manifest cannot be divided so.
        """
        target = next(iter(_targets(learner)), None)
        if self.protocol is Protocol.LOPO:
            return protocols.lopo(manifest, target, seed=self.seed)
        if self.protocol is Protocol.KFOLD:
            return protocols.kfold(manifest, target, seed=self.seed, folds=self.folds)
        if self.protocol is Protocol.LEAKY:
            return protocols.leaky(manifest, target, seed=self.seed)
        if self.protocol is Protocol.CROSS:
            return protocols.cross(
                manifest, target, train=self.train_on, test=self.test_on, seed=self.seed
            )
        if any(row.part for row in manifest.rows):
            return protocols.fixed(manifest, target)
        return protocols.subject_fractions(manifest, target, seed=self.seed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to evaluate, on what, and how.

    Attributes:
        variant: Method and settings.
        manifest: Data to learn from and to test on.
        more: Data sets that are only learned from: their pictures of training people, of people
            whom `manifest` does not show, and of people invented from none but such people.
        also: Other data sets; their pictures of tested people are answered too.
        division: How people are divided.
        machine: Where and how to compute.
        start: Weights that every training starts from; None starts as the method does.
    """

    variant: Variant
    manifest: Manifest
    more: tuple[Manifest, ...] = ()
    also: tuple[Manifest, ...] = ()
    division: Division
    machine: Machine
    start: Start | None = None

    def examples(
        self, learner: Learner, progress: Callable[[int, int], None] | None = None
    ) -> Examples:
        """Read all pictures that are learned from or tested on; errors as `read_examples`.

        Raises:
            InputError: A picture is in two of the data sets.
        """
        _check_apart((self.manifest, *self.more))
        tested = read_examples(self.manifest, learner, progress)
        more = [read_examples(each, learner, progress) for each in self.more]
        named = [replace(e, names=_full(e.names, m)) for e, m in zip(more, self.more, strict=True)]
        return joined([tested, *named])

    def splits(self, learner: Learner) -> Splits:
        """Return how people are divided, after checking that nobody is in training and test.

        Raises:
            InputError: The data cannot be divided so, or the weights to start from have learned
                from people who are tested, or `more` shows them under other names.
            LeakError: Somebody is.
        """
        found = self.division.of(self.manifest, learner)
        for split in found.splits:
            assert_no_leak(self.manifest, split, leaky=split.is_leaky)
            if self.start is not None and not split.is_leaky:
                self.start.check_new(_subjects(self.manifest, split.test), split.name)
        if found.protocol is not Protocol.LEAKY:
            for more in self.more:
                for each in (self.manifest, *self.also):
                    assert_strangers(each, more)
        learned = tuple(
            Caveat(f"learned from besides: {each.title}, manifest", (each.digest[:12],))
            for each in self.more
        )
        new = {
            p for each in self.more for row in strangers(self.manifest, each) for p in row.people
        }
        if new:
            always = "people whom the data do not show, learned from in every split"
            learned = (*learned, Caveat(always, tuple(sorted(new))))
        others = tuple(
            caveat
            for target in _targets(learner)[1:]
            for caveat in class_caveats(self.manifest, found.splits, target)
            if caveat.names
        )
        return replace(found, caveats=(*found.caveats, *others, *learned))

    def more_of(self, split: Split) -> set[str]:
        """Return the rows of `more` that are learned from, by their full names.

        They are those that show nobody of the manifest but training people.

        Raises:
            InputError: A data set has none.
        """
        trained = set(split.train)
        known = {p for row in self.manifest.rows if row.name in trained for p in row.people}
        held_out = self._everybody() - known
        found: set[str] = set()
        for each in self.more:
            rows = [row.name for row in each.rows if held_out.isdisjoint(row.people)]
            if not rows:
                raise InputError(
                    each.title,
                    "shows in every picture somebody, or is made of somebody, from whom "
                    f"{split.name} does not learn",
                    "simulate more of the same people with more --crosses, or leave it out",
                )
            found.update(_full(rows, each))
        return found

    def _everybody(self) -> set[str]:
        return {person for row in self.manifest.rows for person in row.people}

    def split(self, learner: Learner, number: int) -> Split:
        """Return one of the splits, counted from 1; errors also if there are fewer."""
        found = self.splits(learner).splits
        if number > len(found):
            raise InputError(f"--split {number}", f"there are {len(found)}", "name one of them")
        return found[number - 1]

    def title_of(self, split: Split) -> str:
        """Return what pictures of the training on a split are called; LEAKY if it is."""
        variant = self.variant
        name = f"{variant.method}, {variant.name}" if variant.name else variant.method
        leaky = "LEAKY: " if split.is_leaky else ""
        return f"{leaky}{name}\n{self.manifest.title}, {split.name}"


def evaluate(
    plan: Plan,
    out: Path,
    say: Say,
    *,
    progress: Callable[[int, int], None] | None = None,
) -> tuple[Result, ...]:
    """Train on each split, answer its test once, and write tables and pictures.

    Args:
        plan: What to do.
        out: A folder that is new, or holds the unfinished same evaluation.
        say: Called with sentences about how it goes.
        progress: Called while pictures are read, with pictures done and pictures in all.

    Returns:
        The result on the data, and one for each other data set; of several processes that train
        together the first one has them.

    Raises:
        InputError: The data do not fit the method, or the folder holds something else.
        LeakError: A split has somebody in training and test.
    """
    learner = plan.variant.learner()
    splits = plan.splits(learner)
    claim(out, "runs", FILE_NAME, what="evaluation")
    examples = plan.examples(learner, progress)
    others = [read_examples(each, learner, progress) for each in plan.also]
    facts = []
    for number, split in enumerate(splits.splits, start=1):
        say(f"split {number} of {len(splits.splits)}: {split.name}")
        fold = _Fold(plan, split, number, out)
        facts.append(fold.answered((examples, *others), say))
    if not is_first_process():
        return ()
    learned = Divided(plan.manifest, splits)
    results = [_written(plan, splits, learner, facts, _Part(plan.manifest, learned, out, out, ""))]
    for number, manifest in enumerate(plan.also, start=1):
        tested = _tested_elsewhere(plan.manifest, splits, manifest)
        part = _Part(manifest, learned, out / f"also-{number}", out, f"also-{number}-")
        results.append(_written(plan, tested, learner, facts, part))
    return tuple(results)


def order_of(plan: Plan, examples: Examples, split: Split) -> Order:
    """Return what to train for a split; errors as `Plan.more_of`."""
    train = examples.of({*split.train, *plan.more_of(split)})
    data = {"manifest": plan.manifest.digest, "split": split.digest}
    if plan.more:
        data["more"] = ", ".join(each.digest for each in plan.more)
    return Order(
        variant=plan.variant,
        examples=examples,
        parts=Parts(train=train, validation=examples.of(split.validation)),
        data=data,
        split=split,
        seed=plan.division.seed,
        precision=plan.machine.precision,
        start=plan.start,
    )


def _full(names: Iterable[str], of: Manifest) -> tuple[str, ...]:
    """Return pictures' names among those of other data sets, which may have the same ones."""
    digest = of.digest[:12]
    return tuple(f"{digest}:{name}" for name in names)


def _check_apart(sets: Sequence[Manifest]) -> None:
    seen: dict[str, int] = {}
    for number, each in enumerate(sets):
        for row in each.rows:
            if seen.setdefault(row.sha256, number) != number:
                raise InputError(row.name, "is in two of the data sets", "name each data set once")


@dataclass(frozen=True, slots=True)
class _Fold:
    """One split of an evaluation, with the folder of the whole."""

    plan: Plan
    split: Split
    number: int
    out: Path

    def answered(self, sets: Sequence[Examples], say: Say) -> dict[str, Any]:
        """Train, answer the tested people's examples in all sets; return how it was trained.

        What was answered is not answered again, and then the weights are no longer needed.
        """
        folder = self.out / "runs" / f"{self.number:02d}"
        order = order_of(self.plan, sets[0], self.split)
        wanted = {
            self.out / FOLDER / f"{f'also-{place}-' if place else ''}{self.number:02d}.npz": (
                examples,
                self._tested_in(examples) if place else examples.of(self.split.test),
            )
            for place, examples in enumerate(sets)
        }
        missing = {f: each for f, each in wanted.items() if len(each[1]) and not f.is_file()}
        facts = None if missing else claimed_facts(order, folder)
        if facts is None:
            trained = fit(order, folder, self.plan.machine, say)
            facts = trained.facts
            device = self.plan.machine.device
            for file, (examples, rows) in missing.items() if is_first_process() else ():
                make_directory(file.parent)
                answered(trained.learner, examples, rows, self.split.name, device).save(file)
        if is_first_process():
            draw_curves(folder, self.plan.title_of(self.split))
        return facts

    def _tested_in(self, examples: Examples) -> NDArray[np.intp]:
        """Return the numbers of another set's examples that show tested people."""
        tested = _subjects(self.plan.manifest, self.split.test)
        return np.flatnonzero([subject in tested for subject in examples.subjects])


@dataclass(frozen=True, slots=True)
class _Part:
    """Where the answers to a data set lie, what they were learned from, where its tables go."""

    manifest: Manifest
    learned: Divided
    out: Path
    home: Path
    prefix: str

    @property
    def predictions(self) -> list[Path]:
        """One file a split."""
        return prediction_files(self.home, self.prefix)

    def shown(self, frames: int) -> Shown:
        """Return all pictures of each example, by its first row, and the rows' recordings.

        Args:
            frames: As of `Learner`.
        """
        root = self.manifest.root or self.home
        groups = {group[0].name: group for group in example_rows(self.manifest.rows, frames)}

        def picture(name: str) -> NDArray[np.uint8]:
            return in_a_grid([FramedSource(root, row).picture() for row in groups[name]])

        recordings = {row.name: row.video for row in self.manifest.rows}
        return Shown(picture, recordings, PANEL if frames == 1 else 2 * PANEL)


def _subjects(manifest: Manifest, names: Sequence[str]) -> set[str]:
    wanted = set(names)
    return {row.subject for row in manifest.rows if row.name in wanted}


def _tested_elsewhere(learned: Manifest, splits: Splits, other: Manifest) -> Splits:
    """Return splits that test another data set's pictures of the people that each split tests."""
    found, everybody = [], set[str]()
    for split in splits.splits:
        tested = _subjects(learned, split.test)
        everybody |= tested
        rows = tuple(row.name for row in other.rows if row.subject in tested)
        if rows:
            found.append(Split(split.name, splits.protocol, (), (), rows))
    strangers = tuple(sorted({row.subject for row in other.rows} - everybody))
    if not found:
        raise InputError(
            other.title,
            "shows nobody who is tested",
            "name a data set of the same people, or evaluate on it with the protocol 'cross'",
        )
    caveats = (
        Caveat(f"learned from other data: {learned.title}, manifest", (learned.digest[:12],)),
        Caveat("people whom no split tests, left out", strangers),
    )
    return Splits(splits.protocol, tuple(found), tuple(each for each in caveats if each.names))


def _written(
    plan: Plan, splits: Splits, learner: Learner, facts: list[dict[str, Any]], part: _Part
) -> Result:
    result = describe(
        method=plan.variant.method,
        variant=plan.variant.name,
        settings=asdict(plan.variant.settings()),
        tested=Divided(part.manifest, splits),
        learned=part.learned,
        seed=plan.division.seed,
        training=facts,
        tasks=learner.tasks,
        predictions=part.predictions,
        parameters=sum(each.numel() for each in learner.parameters()),
    )
    shown = part.shown(learner.frames)
    write_evaluation(part.out, result, part.predictions, learner.tasks, shown)
    return result


def _targets(learner: Learner) -> tuple[Target, ...]:
    """Return what a learner tells, the first of which people are divided by."""
    scales = [task.scale for task in learner.tasks if isinstance(task, Classification)]
    return tuple(Target(scale) for scale in dict.fromkeys(scales))
