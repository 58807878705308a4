"""The table of rules and cut-offs that examinations are graded by, as a clinician can change it."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Final, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from facialis.clinical.anatomy import Movement
from facialis.errors import InputError

DEFAULT_RULES: Final = "data/rules.toml"

Share = Annotated[float, Field(ge=0.0, le=1.0)]
Positive = Annotated[float, Field(gt=0.0)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


def _rising(values: tuple[float, ...], what: str) -> None:
    if any(b <= a for a, b in pairwise(values)):
        raise ValueError(f"{what} must rise from one number to the next")


class Response(_Table):
    """What a share of the healthy side's way, as the landmarks show it, stands for."""

    ratio: tuple[float, ...] = Field(min_length=2)
    function: tuple[Share, ...] = Field(min_length=2)
    natural: Positive

    @model_validator(mode="after")
    def _pairs(self) -> Self:
        if len(self.ratio) != len(self.function):
            raise ValueError("ratio and function must have as many numbers")
        _rising(self.ratio, "ratio")
        if any(b < a for a, b in pairwise(self.function)):
            raise ValueError("function must not fall")
        return self

    def function_of(self, ratio: float) -> float:
        """Return the share of the healthy movement that a measured ratio stands for.

        Beyond the pairs the first and the last line run on, below 0 and above 1, so that errors
        cancel in a mean of several movements.
        """
        at = int(np.clip(np.searchsorted(self.ratio, ratio), 1, len(self.ratio) - 1))
        (r0, r1), (f0, f1) = self.ratio[at - 1 : at + 1], self.function[at - 1 : at + 1]
        return f0 + (f1 - f0) * (ratio - r0) / (r1 - r0)


class GeneralRules(_Table):
    """What holds for every item."""

    interval_sd: Positive
    complete_when_healthy: Share
    resting_when_healthy: float = Field(ge=1.0)


class ClosureRules(_Table):
    """When an eye closes."""

    healthy_closes: Share
    minimal_effort: Share
    with_effort: Share
    closed_below_mm: Positive


class RestRules(_Table):
    """When a face rests asymmetric."""

    eye_wide: float = Field(gt=1.0)
    eye_narrow: float = Field(gt=0.0, lt=1.0)
    corner_displaced: Positive
    cheek_changed: Positive
    cheek_absent: Positive
    uncertainty: Positive
    asymmetric_signs: int = Field(ge=1, le=3)

    @model_validator(mode="after")
    def _order(self) -> Self:
        _rising((self.cheek_changed, self.cheek_absent), "cheek_changed, cheek_absent")
        return self


Degrees = tuple[Positive, Positive, Positive]


class SynkinesisRules(_Table):
    """From where on what moves along is mild, moderate and severe."""

    eye: Degrees
    mouth: Degrees
    brow: Degrees
    above_noise: Positive

    @model_validator(mode="after")
    def _order(self) -> Self:
        for name in ("eye", "mouth", "brow"):
            _rising(getattr(self, name), name)
        return self


class HouseBrackmannRules(_Table):
    """The words of the House-Brackmann table in numbers."""

    function_above: tuple[Share, Share, Share, Share, Share]
    forehead_from: tuple[Share, Share, Share]
    mouth_from: tuple[Share, Share, Share, Share, Share]
    lower_lip_weight: Share
    conformal_within: Positive
    coverage: float = Field(gt=0.0, lt=1.0)

    @model_validator(mode="after")
    def _order(self) -> Self:
        _rising(tuple(-share for share in self.function_above), "function_above, read backwards,")
        _rising(self.forehead_from, "forehead_from")
        _rising(self.mouth_from, "mouth_from")
        return self


class SunnybrookRules(_Table):
    """The words of the Sunnybrook form in numbers."""

    voluntary_from: tuple[Share, Share, Share, Share]

    @model_validator(mode="after")
    def _order(self) -> Self:
        _rising(self.voluntary_from, "voluntary_from")
        return self


class EfaceRules(_Table):
    """Ranges of eFACE-like items."""

    static_range: Positive
    midfacial_range: Positive


class SideRules(_Table):
    """Whether there is a palsy, and on which side."""

    most_of_one: Positive
    one_region: Positive
    correlation: Share
    unknown: float = Field(ge=0.0)
    pictures: Positive
    narrowing: Positive
    limit: Positive
    healthy_median: float = Field(ge=0.0)
    side_slope: Positive
    side_certain_from: float = Field(ge=0.5, le=1.0)

    @model_validator(mode="after")
    def _order(self) -> Self:
        _rising((self.healthy_median, self.limit), "healthy_median, limit")
        return self


class Rules(_Table):
    """All rules and cut-offs; the comments in the shipped file say what each one means."""

    version: str = Field(min_length=1)
    response: dict[Movement, Response]
    general: GeneralRules
    closure: ClosureRules
    rest: RestRules
    synkinesis: SynkinesisRules
    house_brackmann: HouseBrackmannRules
    sunnybrook: SunnybrookRules
    eface: EfaceRules
    side: SideRules

    @model_validator(mode="after")
    def _every_movement(self) -> Self:
        missing = [m.value for m in Movement if m is not Movement.REST and m not in self.response]
        if missing:
            raise ValueError(f"response is missing for {', '.join(missing)}")
        return self

    def widened(self, factor: float) -> Rules:
        """Return the same rules with intervals so many times as wide."""
        wider = {"interval_sd": factor * self.general.interval_sd}
        return self.model_copy(update={"general": self.general.model_copy(update=wider)})


def read_rules(path: Path | str | None = None) -> Rules:
    """Read a table of rules.

    Args:
        path: A TOML file like the one that comes with Facialis; that one if None.

    Raises:
        InputError: The file cannot be read, or a rule in it is missing, unknown or impossible.
    """
    if path is None:
        return _shipped()
    try:
        text = Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            path,
            f"the rules cannot be read ({getattr(error, 'strerror', None) or 'not UTF-8 text'})",
            "give a TOML file of rules",
        ) from error
    return _parsed(text, str(path))


@lru_cache(maxsize=1)
def _shipped() -> Rules:
    text = files("facialis.grading").joinpath(DEFAULT_RULES).read_text(encoding="utf-8")
    return _parsed(text, DEFAULT_RULES)


def _parsed(text: str, name: str) -> Rules:
    try:
        return Rules.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InputError(
            name, f"is not TOML ({error})", "start from a copy of the rules that Facialis ships"
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the table"
        message = first["msg"].removeprefix("Value error, ")
        raise InputError(
            name,
            f"rule {where}: {message[:1].lower()}{message[1:]}",
            "start from a copy of the rules that Facialis ships",
        ) from error
