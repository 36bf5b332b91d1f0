"""ONNX Runtime: how it is loaded, its sessions, and what computes them on this machine."""
