"""The tower for other languages: as it learns and as it ships."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the recipe's requirements are not installed")

import onnxruntime as ort  # noqa: E402
from train import student  # noqa: E402
from train.student_export import export_student  # noqa: E402

from crispd.packs.hashing import hashed, words_of  # noqa: E402

TEXTS = ["ein Hund", "", "Tři děti si hrají na pláži", "chien"]


def test_a_text_is_read_alone_as_in_any_company() -> None:
    torch.manual_seed(0)
    tower = student.Student(8).eval()
    together = student.bag(TEXTS)
    words, pairs, mask = tower.words(together)
    assert mask.sum(1).tolist() == [2, 1, 6, 1]
    whole = tower.embed(tower.sentence(words, pairs, mask))
    for row, text in enumerate(TEXTS):
        parts = tower.words(student.bag([text]))
        assert torch.allclose(tower.embed(tower.sentence(*parts))[0], whole[row], atol=1e-5)


def test_the_graph_says_what_the_network_says(tmp_path: Path) -> None:
    torch.manual_seed(0)
    tower = student.Student(8).eval()
    export_student(tower, tmp_path / "languages.onnx")
    session = ort.InferenceSession(str(tmp_path / "languages.onnx"))
    for text in TEXTS[:1] + TEXTS[2:]:
        taken = hashed(words_of(text), student.PART)
        embedding, languages, tokens, mask = session.run(
            None, {"parts": taken.parts, "pairs": taken.pairs}
        )
        parts = tower.words(student.bag([text]))
        whole = tower.sentence(*parts)
        assert embedding[0] == pytest.approx(tower.embed(whole)[0].detach().numpy(), abs=0.02)
        assert tokens[0] == pytest.approx(tower.fine(parts[0], whole)[0].detach().numpy(), abs=0.1)
        assert languages.sum() == pytest.approx(1, abs=1e-5)
        assert mask.shape == (1, len(words_of(text)))
        assert mask.all()


def test_slips_are_in_one_word() -> None:
    rng = random.Random(0)
    for _ in range(50):
        changed = student.slip("zwei Hunde am Strand", rng).split()
        wrong = [a != b for a, b in zip(changed, ["zwei", "Hunde", "am", "Strand"], strict=True)]
        assert sum(wrong) <= 1
        assert not wrong[2]
    assert student.slip("am see", rng) == "am see"


def test_marks_are_dropped() -> None:
    assert student.bare("Kočka na střeše, Straße") == "Kocka na strese, Straße"


def test_equal_rows_of_the_table_share_nothing_with_no_part() -> None:
    table = student.Student(8).table.weight
    assert np.abs(table[student.PART.buckets].detach().numpy()).max() == 0
