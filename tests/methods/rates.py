"""Learning rates as a stage of training really sets them."""

from __future__ import annotations

from facialis.networks.learner import Learner
from facialis.training.course import Course


def rates_of(learner: Learner, steps: int) -> list[float]:
    """Return the rate of each step of the stage that a learner has begun."""
    course = Course(learner, seed=0, steps=steps)
    made = course.configure_optimizers()
    optimiser, schedule = made["optimizer"], made["lr_scheduler"]
    assert schedule["interval"] == "step"
    found = []
    for _ in range(steps):
        found.append(float(optimiser.param_groups[0]["lr"]))
        optimiser.step()
        schedule["scheduler"].step()
    return found
