"""ONNX Runtime sessions, set up for an idle service on a small machine, and checks of what their
graphs give against the manifest.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from crispd.errors import PackCorrupt, PackError, PackMismatch, PackMissing
from crispd.packs.sessions.onnx_runtime import ort, ort_errors

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from crispd.types import Floats

CPU = "CPUExecutionProvider"
_ERRORS_ONLY = 3
# int8 graphs end in a normalisation too; anything further off is not meant to be a unit vector.
_UNIT_TOLERANCE = 1e-2
_SHORTEST = 1e-30
# onnxruntime's errors have no common base of their own.
_ORT_ERRORS: tuple[type[Exception], ...] = tuple(
    kind
    for kind in vars(ort_errors).values()
    if isinstance(kind, type) and issubclass(kind, Exception)
)


class OnnxSession:
    """One graph, with onnxruntime's errors translated. ``run`` may be called from any thread."""

    def __init__(
        self,
        path: Path,
        threads: int,
        *,
        in_16_bits: bool = False,
        arena: bool = True,
        provider: str = CPU,
    ) -> None:
        self._path = path
        self._session = open_session(
            path, threads, in_16_bits=in_16_bits, arena=arena, provider=provider
        )
        self.outputs: list[str] = [output.name for output in self._session.get_outputs()]
        self.metadata: dict[str, str] = self._session.get_modelmeta().custom_metadata_map

    def require(self, inputs: Sequence[str], outputs: Sequence[str]) -> None:
        """Raise PackMismatch unless the graph has these inputs and outputs."""
        found = {item.name for item in self._session.get_inputs()}
        if found != set(inputs) or not set(outputs) <= set(self.outputs):
            raise PackMismatch(
                f"The model {self._path} takes {sorted(found)} and gives {self.outputs}; "
                f"{list(inputs)} and {list(outputs)} are expected."
            )

    def run(
        self, outputs: Sequence[str], inputs: Mapping[str, npt.NDArray[Any]]
    ) -> list[npt.NDArray[np.float32]]:
        """Outputs in the order asked for.

        Raises PackMismatch where the graph refuses the shapes or types, else PackError.
        """
        try:
            result: list[npt.NDArray[np.float32]] = self._session.run(list(outputs), dict(inputs))
        except ort_errors.InvalidArgument as error:
            raise PackMismatch(
                f"The model {self._path} does not take what pack.toml says: {error}."
            ) from error
        except _ORT_ERRORS as error:
            raise PackError(f"The model {self._path} failed: {error}.") from error
        return result


def open_session(
    path: Path,
    threads: int,
    *,
    in_16_bits: bool = False,
    arena: bool = True,
    provider: str = CPU,
) -> ort.InferenceSession:
    """A session on the processor, or on what another ``provider`` stands for. Raises PackMissing or
    PackCorrupt, and PackError where the provider cannot be started.

    ``in_16_bits``: sums of two int8 products fit in 16 bits, see ``GraphFiles``. ``arena``: keep
    memory between runs; of inputs of many large shapes it grows far beyond what one run takes.
    """
    options = _options(threads)
    options.enable_cpu_mem_arena = arena
    # On x86 without VNNI the sums of two int8 products saturate in 16 bits: embeddings of `mini`
    # 3 had a cosine of 0.93 with those of float32 where it is 0.999 with kernels that do not. Those
    # are hardly faster than float32.
    options.add_session_config_entry("session.x64quantprecision", "0" if in_16_bits else "1")
    try:
        session = ort.InferenceSession(
            str(path), sess_options=options, providers=list(dict.fromkeys([provider, CPU]))
        )
    except ort_errors.NoSuchFile as error:
        raise PackMissing(f"The pack's file {path} is missing. Install the pack again.") from error
    except _ORT_ERRORS as error:
        raise PackCorrupt(
            f"The model {path} cannot be loaded: {error}. Install the pack again."
        ) from error
    if session.get_providers()[0] != provider:  # onnxruntime goes on without it
        raise PackError(f"{provider} cannot be started here.")
    return session


def _options(threads: int) -> ort.SessionOptions:
    options = ort.SessionOptions()
    # An explicit number keeps the pool small; it also drops core affinity, which is what a service
    # that shares its machine with others wants.
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.graph_optimization_level = ort.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.log_severity_level = _ERRORS_ONLY
    # A thread that spins while it waits burns a core of an idle hub.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    # The arena stays: without it every run maps and unmaps its buffers, 14 ms a photo instead of
    # 11. The plan of one big block a shape goes: texts and shortlists come in many shapes, and
    # the process is 230 MB with batches of 8 where it was 320, for 4 % of the speed (mini, x86-64,
    # onnxruntime 1.32).
    options.enable_mem_pattern = False
    return options


def expect_floats(what: str, array: Floats, shape: tuple[int, ...]) -> None:
    """Raise PackMismatch unless ``array`` is finite float32 of this shape."""
    if array.shape != shape:
        raise PackMismatch(f"{what} have the shape {array.shape}; pack.toml says {shape}.")
    if array.dtype != np.float32:
        raise PackMismatch(f"{what} are {array.dtype}; float32 is expected.")
    if not np.isfinite(array).all():
        raise PackMismatch(f"{what} are not all finite numbers.")


def unit_vectors(what: str, vectors: npt.NDArray[Any]) -> Floats:
    """float32 [n, dim] of length 1. Raises PackMismatch for what has no direction."""
    found = vectors.astype(np.float32)
    if found.ndim != 2 or not np.isfinite(found).all():
        raise PackMismatch(f"{what} are not all vectors of finite numbers.")
    # twice: the squares of numbers near the limits of float32 are beyond them
    found /= np.maximum(np.abs(found).max(axis=1, keepdims=True), _SHORTEST)
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    if lengths.min(initial=1.0) < _SHORTEST:
        raise PackMismatch(f"{what} have the length 0.")
    return np.asarray(found / lengths, np.float32)


def expect_unit(what: str, vectors: Floats) -> None:
    """Raise PackMismatch unless each of ``vectors`` [n, dim] has length 1."""
    lengths = np.linalg.norm(vectors, axis=1)
    if np.abs(lengths - 1).max() > _UNIT_TOLERANCE:
        raise PackMismatch(f"{what} have the length {lengths[0]:.3g}; unit vectors are expected.")
