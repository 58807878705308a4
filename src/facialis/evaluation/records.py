"""A measured number, with what it was measured on.

No record can be made of a split that leaks, unless the leaky protocol was asked for by its name;
then every sentence about it says so (S2-12).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from facialis.errors import counted
from facialis.evaluation.intervals import Interval
from facialis.evaluation.leaks import assert_no_leak
from facialis.evaluation.splits import Protocol

if TYPE_CHECKING:
    from facialis.datasets.manifest import Manifest
    from facialis.evaluation.splits import Splits

_DIGITS: Final = 12

_PROTOCOLS: Final = {
    Protocol.LOPO: "one patient left out at a time",
    Protocol.KFOLD: "folds of patients",
    Protocol.FIXED: "a fixed split by patients",
    Protocol.CROSS: "trained and tested on different collections",
    Protocol.LEAKY: "LEAKY: the same people in training and test, for comparison only",
}


@dataclass(frozen=True, slots=True)
class Measured:
    """One number and where it comes from.

    Attributes:
        metric: Its name (``macro F1``).
        value: The number.
        interval: Its interval over patients, if one was computed.
        undefined: Members of the average that were undefined and count as 0 (D4-13).
        data: Title of the manifest.
        manifest: Digest of the manifest.
        splits: Digest of all splits.
        protocol: How the people were divided.
        people: How many people were tested.
        rows: How many rows were tested.
        caveats: What the splits lack, one sentence each.
    """

    metric: str
    value: float
    interval: Interval | None
    undefined: int
    data: str
    manifest: str
    splits: str
    protocol: Protocol
    people: int
    rows: int
    caveats: tuple[str, ...] = ()

    @property
    def is_leaky(self) -> bool:
        """Whether the same people were in training and test."""
        return self.protocol is Protocol.LEAKY

    @property
    def sentence(self) -> str:
        """One sentence with the number, its interval, its data and its protocol."""
        interval = self.interval
        width = (
            f" ({interval.level:.0%} interval {interval.low:.3f} to {interval.high:.3f})"
            if interval
            else ""
        )
        undefined = f", {self.undefined} undefined counted as 0" if self.undefined else ""
        samples = counted(self.rows, "sample")
        people = counted(self.people, "person", "people")
        return (
            f"{self.metric} {self.value:.3f}{width}{undefined}, {samples} of {people} of "
            f"{self.data} (manifest {self.manifest[:_DIGITS]}, splits {self.splits[:_DIGITS]}); "
            f"{_PROTOCOLS[self.protocol]}."
        )


def measured(
    metric: str,
    value: float,
    manifest: Manifest,
    splits: Splits,
    *,
    interval: Interval | None = None,
    undefined: int = 0,
    leaky: bool = False,
) -> Measured:
    """Return the record of a number, after checking that no split leaks.

    Args:
        metric: Its name.
        value: The number, over the tested rows of all splits.
        manifest: What was divided.
        splits: How it was divided.
        interval: The interval over patients.
        undefined: Members of the average that were undefined.
        leaky: Asks for the leaky protocol.

    Raises:
        LeakError: A split has the same people or pictures in more than one part.
        InputError: The splits are not of the manifest, or the leaky protocol was asked for with
            other splits.
    """
    for split in splits.splits:
        assert_no_leak(manifest, split, leaky=leaky)
    tested = [name for split in splits.splits for name in split.test]
    subjects = {row.name: row.subject for row in manifest.rows}
    return Measured(
        metric=metric,
        value=value,
        interval=interval,
        undefined=undefined,
        data=manifest.title,
        manifest=manifest.digest,
        splits=splits.digest,
        protocol=splits.protocol,
        people=len({subjects[name] for name in tested}),
        rows=len(tested),
        caveats=tuple(each.sentence for each in splits.caveats),
    )
