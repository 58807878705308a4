"""Time of published networks for one image, or four frames, in three engines, side by side.

Weights are random, as nobody publishes trained ones, and change no time once denormal numbers are
flushed. What 8-bit numbers cost in answers is not seen here (see `facialis export --int8`). Engines
take turns within each round, so that a slow moment of the machine strikes all.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import onnx
import onnxruntime
import openvino
import torch
from torch import nn

from benchmarks.record import Benchmark, Results, table
from facialis.methods.asymmetric_parsing.network import full_size, scaled
from facialis.methods.phcnn_lstm.network import probabilities
from facialis.training.quantise import quantise
from facialis.training.settings import Variant

if TYPE_CHECKING:
    from facialis.networks.learner import Learner

ROUNDS: Final = 15
WARM_UP: Final = 2
PAPERS_SECONDS: Final = 0.4
"""[001] section on speed, an image on an RTX 2080."""
SEQUENCE_MS: Final = 60
"""Most milliseconds for four frames through onnxruntime."""

_NO_BF16: Final = " This processor has no bfloat16 arithmetic, so none was timed."

Run = Callable[[], Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A published network.

    Attributes:
        method: Name of its method.
        words: In the table.
        module: Makes the network as it answers one image.
        inputs: Shapes of its inputs.
    """

    method: str
    words: str
    module: Callable[[], nn.Module]
    inputs: tuple[tuple[int, ...], ...]


class _Parts(nn.Module):
    """The parser as it answers: logits of the parts in full size, and the depth."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        seen = self.network(scaled(images))
        return full_size(seen.logits[-1], images), seen.depth


class _Levels(nn.Module):
    """A network of sequences as it answers: probabilities of the three levels."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, face: torch.Tensor, eyes: torch.Tensor, mouth: torch.Tensor) -> torch.Tensor:
        return probabilities(self.network(face, eyes, mouth))


class _LightLevels(nn.Module):
    """The light network of sequences, which reads what is measured of each frame as well."""

    def __init__(self, learner: Learner) -> None:
        super().__init__()
        self.learner = learner

    def forward(
        self,
        face: torch.Tensor,
        eyes: torch.Tensor,
        mouth: torch.Tensor,
        asymmetry: torch.Tensor,
        scores: torch.Tensor,
    ) -> torch.Tensor:
        regions = {"face": face, "eyes": eyes, "mouth": mouth}
        measured = {"asymmetry": asymmetry, "scores": scores}
        return self.learner.predict(regions | measured)["level_probability"]


class _GradeAlone(nn.Module):
    """The two encoders and the classifier of grades: what grading needs (S1-22)."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        grade: torch.Tensor = self.network.grade(image)
        return grade


class _AllOfCascade(nn.Module):
    """All that the cascade answers: parts, grade and attention."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        answers = self.network(image)
        return answers.parts, answers.grade, answers.attention


def _cases() -> tuple[Case, ...]:
    def parser() -> nn.Module:
        return _Parts(Variant("", "asymmetric_parsing").learner().network)

    def cascade(name: str, kind: Callable[[nn.Module], nn.Module]) -> Callable[[], nn.Module]:
        settings = {"pretrained": False}
        return lambda: kind(Variant("", name, settings).learner().network)

    def sequences() -> nn.Module:
        return _Levels(Variant("", "phcnn_lstm").learner().network)

    def light_sequences() -> nn.Module:
        return _LightLevels(Variant("", "phcnn_lstm-light").learner())

    whole, light = "cascaded_encoder", "cascaded_encoder-light"
    square = ((1, 3, 224, 224),)
    four = ((1, 4, 3, 128, 128), (1, 4, 3, 40, 120), (1, 4, 3, 40, 120))
    of_frames = ((1, 4, 29), (1, 4, 52))
    return (
        Case("asymmetric_parsing", "parts and depth", parser, ((1, 3, 250, 250),)),
        Case(whole, "grade alone", cascade(whole, _GradeAlone), square),
        Case(whole, "parts, grade, attention", cascade(whole, _AllOfCascade), square),
        Case(light, "grade alone", cascade(light, _GradeAlone), square),
        Case(light, "parts, grade, attention", cascade(light, _AllOfCascade), square),
        Case("phcnn_lstm", "level of four frames", sequences, four),
        Case("phcnn_lstm-light", "level of four frames", light_sequences, (*four, *of_frames)),
    )  # fmt: skip


def measured(_faces: Path | None) -> Results:
    """Time every network in every engine."""
    torch.set_flush_denormal(True)
    torch.manual_seed(0)
    found: Results = {"rounds": ROUNDS, "threads": torch.get_num_threads(), "networks": []}
    for case in _cases():
        with tempfile.TemporaryDirectory() as folder:
            found["networks"].append(_timed(case, Path(folder)))
    return found


def _timed(case: Case, folder: Path) -> Results:
    network = case.module().eval()
    inputs = [torch.rand(shape) for shape in case.inputs]
    file = folder / "network.onnx"
    torch.onnx.export(network, tuple(inputs), file, dynamo=True, external_data=True, verbose=False)
    runs = _engines(network, inputs, file)
    with torch.inference_mode():
        expected = [np.asarray(each) for each in _first(network(*inputs))]
        errors = {
            name: float(np.abs(np.asarray(run()) - expected[0]).max()) for name, run in runs.items()
        }
        times: dict[str, list[float]] = {name: [] for name in runs}
        for number in range(WARM_UP + ROUNDS):
            for name, run in runs.items():
                began = time.perf_counter()
                run()
                if number >= WARM_UP:
                    times[name].append(1000 * (time.perf_counter() - began))
    return {
        "method": case.method,
        "what": case.words,
        "input": list(case.inputs[0]),
        "parameters": sum(each.numel() for each in network.parameters()),
        "milliseconds": {
            name: {
                "median": round(statistics.median(values), 2),
                "least": round(min(values), 2),
                "most": round(max(values), 2),
            }
            for name, values in times.items()
        },
        "largest_difference_of_first_output": errors,
    }


def _first(outputs: Any) -> tuple[Any, ...]:
    return outputs if isinstance(outputs, tuple) else (outputs,)


def _engines(network: nn.Module, inputs: list[torch.Tensor], file: Path) -> dict[str, Run]:
    arrays = [each.numpy() for each in inputs]
    names = [each.name for each in onnx.load(file, load_external_data=False).graph.input]
    feeds = dict(zip(names, arrays, strict=True))
    small = file.with_name("8-bits.onnx")
    quantise(file, small, [feeds], beside=True)
    runs: dict[str, Run] = {"PyTorch fp32": lambda: _first(network(*inputs))[0]}
    for words, each in (("fp32", file), ("int8", small)):
        runs[f"onnxruntime {words}"] = _run_of(_onnxruntime(each), feeds)
    core = openvino.Core()
    precisions = {"fp32": (file, "f32"), "int8": (small, "f32")}
    if "BF16" in core.get_property("CPU", "OPTIMIZATION_CAPABILITIES"):
        precisions["bf16"] = (file, "bf16")
    for words, (each, hint) in precisions.items():
        properties = {"INFERENCE_PRECISION_HINT": hint, "PERFORMANCE_HINT": "LATENCY"}
        try:
            compiled = core.compile_model(each, "CPU", properties)
        except RuntimeError as error:
            print(f"OpenVINO {words} does not compile this network: {str(error).strip()}")
            continue
        runs[f"OpenVINO {words}"] = partial(_answer_of, compiled, arrays)
    return runs


def _run_of(session: onnxruntime.InferenceSession, feeds: dict[str, Any]) -> Run:
    return lambda: session.run(None, feeds)[0]


def _answer_of(compiled: Any, arrays: list[Any]) -> Any:
    return compiled(arrays)[0]


def _onnxruntime(file: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = torch.get_num_threads()
    return onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])


def tables(results: Results) -> str:
    """Return the tables as Markdown."""
    engines = list(dict.fromkeys(k for each in results["networks"] for k in each["milliseconds"]))
    rows = []
    for each in results["networks"]:
        times = each["milliseconds"]
        cells = [
            f"{times[name]['median']:.1f} ({times[name]['least']:.1f}-{times[name]['most']:.1f})"
            if name in times
            else "-"
            for name in engines
        ]
        size = "×".join(map(str, each["input"][-2:]))
        rows.append((f"`{each['method']}` {size}: {each['what']}", *cells))
    fastest = _fastest(results, "cascaded_encoder", "grade alone")
    sequence = _times(results, "phcnn_lstm", "level of four frames")["onnxruntime fp32"]["median"]
    return (
        f"Milliseconds an image, or a sequence: median (least-most) of {results['rounds']} rounds, "
        "batch of one, "
        f"{results['threads']} threads, random weights, engines in turn within a round; - where an "
        "engine cannot compile the network. What 8-bit numbers (int8) cost in answers shows only "
        "with trained weights (`facialis export --int8`).\n\n"
        + table(("network", *engines), rows)
        + f"\n\nThe published cascade from picture to grade, in its fastest form here "
        f"({fastest[0]}): {fastest[1] / 1000:.3f} s; target: below {PAPERS_SECONDS} s, "
        f"{'met' if fastest[1] < 1000 * PAPERS_SECONDS else 'missed'}. The paper says about "
        f"{PAPERS_SECONDS} s on an RTX 2080 (not comparable: other machine, size of its pictures "
        f"not given).{'' if 'OpenVINO bf16' in engines else _NO_BF16}\n\n"
        f"The published network of sequences through onnxruntime: {sequence:.1f} ms for four "
        f"frames; target: at most {SEQUENCE_MS} ms, "
        f"{'met' if sequence <= SEQUENCE_MS else 'missed'}."
    )


def _times(results: Results, method: str, what: str) -> dict[str, dict[str, float]]:
    found = (
        each for each in results["networks"] if (each["method"], each["what"]) == (method, what)
    )
    times: dict[str, dict[str, float]] = next(found)["milliseconds"]
    return times


def _fastest(results: Results, method: str, what: str) -> tuple[str, float]:
    times = _times(results, method, what)
    name = min(times, key=lambda engine: times[engine]["median"])
    return name, times[name]["median"]


if __name__ == "__main__":
    Benchmark("networks", "speed.md", measured, tables, needs_faces=False).run()
