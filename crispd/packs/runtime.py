"""ONNX Runtime sessions, set up for an idle service on a small machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import onnxruntime as ort

from crispd.errors import PackCorrupt, PackError, PackMismatch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy as np
    import numpy.typing as npt

_ERRORS_ONLY = 3


class Session:
    """One graph, with onnxruntime's errors translated. ``run`` may be called from any thread."""

    def __init__(self, path: Path, threads: int) -> None:
        self._path = path
        try:
            self._session = ort.InferenceSession(
                str(path), sess_options=_options(threads), providers=["CPUExecutionProvider"]
            )
        except Exception as error:
            raise PackCorrupt(f"The model {path} cannot be loaded: {error}.") from error
        self.outputs = [output.name for output in self._session.get_outputs()]

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
        """Outputs in the order asked for. Raises PackError."""
        try:
            result: list[npt.NDArray[np.float32]] = self._session.run(list(outputs), dict(inputs))
        except Exception as error:
            raise PackError(f"The model {self._path.name} failed: {error}.") from error
        return result


def _options(threads: int) -> ort.SessionOptions:
    options = ort.SessionOptions()
    # An explicit number keeps the pool small; it also drops core affinity, which is what a service
    # that shares its machine with others wants.
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = _ERRORS_ONLY
    # A thread that spins while it waits burns a core of an idle hub.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    return options
