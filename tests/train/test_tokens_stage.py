"""Tokens of the tower for other languages, taught by themselves."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import pytest

torch = pytest.importorskip("torch", reason="the recipe's requirements are not installed")

from train.fine.network import Fine  # noqa: E402
from train.languages.student import CODES, Student, bag  # noqa: E402
from train.languages.student_export import export_student  # noqa: E402
from train.languages.student_stage import Said, Teacher  # noqa: E402
from train.languages.tokens_stage import TokensPlan, TokensTrainer, judge_of  # noqa: E402
from train.objects.graphs import TextPart, put_behind_texts  # noqa: E402
from train.objects.parts import Asked, sides  # noqa: E402
from train.packing.join import taken_apart  # noqa: E402

if TYPE_CHECKING:
    from pathlib import Path

TEXTS = {"de": "ein Hund", "fr": "un chien", "cs": "pes"}


def _trained(student: Student, steps: int, judge: torch.nn.Module | None = None) -> Student:
    generator = torch.Generator().manual_seed(0)
    teacher = Teacher(
        torch.nn.functional.normalize(torch.randn(2, 8, generator=generator), dim=-1),
        torch.randn(2, 40, 96, generator=generator).half(),
        torch.full((2,), 4),
        torch.randn(20, 8, generator=generator),
        torch.randn(20, 50, 96, generator=generator),
        Fine().eval().requires_grad_(False),
    )
    told = [{code: Said(TEXTS[code], code, ((1, 1.0),)) for code in CODES}]
    plan = TokensPlan(steps=steps, sentences=4, near=4, rest=2, held=100.0, every=1, warm_up=1)
    return TokensTrainer(plan, teacher, told, student, judge).run()


def test_tokens_change_and_embeddings_stay() -> None:
    torch.manual_seed(0)
    before = Student(8).eval()
    after = _trained(copy.deepcopy(before), 2)
    with torch.no_grad():
        read = before.read(*before.words(bag(list(TEXTS.values()))))
        assert torch.equal(before.embed(read), after.embed(read))
        assert torch.equal(before.tell(read), after.tell(read))
        assert not torch.allclose(before.fine(read), after.fine(read))
    changed = {
        name.split(".")[0]
        for name, value in after.state_dict().items()
        if not torch.equal(value, before.state_dict()[name])
    }
    assert changed == {"tokens", "norm"}


def test_what_objects_a_text_asks_for_is_held(tmp_path: Path) -> None:
    torch.manual_seed(0)
    part = TextPart(Asked(), sides(0.035)[1]).eval()
    torch.nn.init.normal_(part.asked.judge[-1].weight)
    export_student(Student(8), tmp_path / "languages.onnx")
    put_behind_texts(part, [tmp_path / "languages.onnx"])
    assert taken_apart(tmp_path / "languages.onnx", tmp_path / "judge.onnx") is not None
    judge = judge_of(tmp_path / "judge.onnx")
    tokens = torch.randn(2, 3, 96)
    assert torch.allclose(judge(tokens), part.asked.judge(tokens), atol=1e-5)

    before = Student(8).eval()
    free, held = (_trained(copy.deepcopy(before), 5, each) for each in (None, judge))
    with torch.no_grad():
        read = before.read(*before.words(bag(list(TEXTS.values()))))
        said, loose, close = (
            judge(each.fine(read)).sigmoid()[read.mask > 0] for each in (before, free, held)
        )
    assert (close - said).abs().mean() < (loose - said).abs().mean()
