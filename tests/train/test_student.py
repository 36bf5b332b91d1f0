"""The tower for other languages: as it learns and as it ships."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="the recipe's requirements are not installed")

import onnxruntime as ort  # noqa: E402
from train.fine.network import Fine  # noqa: E402
from train.languages import add_languages as languages  # noqa: E402
from train.languages import student  # noqa: E402
from train.languages.lexicon import Pair, Usage  # noqa: E402
from train.languages.student_export import export_student, in_levels, share_tower  # noqa: E402
from train.languages.student_stage import StudentPlan, StudentTrainer, Teacher  # noqa: E402
from train.objects.graphs import TextPart, put_behind_texts  # noqa: E402
from train.objects.parts import Asked, sides  # noqa: E402
from train.packing.join import join, taken_apart  # noqa: E402
from train.towers.warm import student_of  # noqa: E402

from crispd.packs.manifest import read_manifest  # noqa: E402
from crispd.packs.text.hashed_words import hashed, words_of  # noqa: E402
from tests.packs import small  # noqa: E402

TEXTS = ["ein Hund", "", "Tři děti si hrají na pláži", "chien"]


def _learnt() -> student.Student:
    """A tower whose context says something, as it does not before it learns."""
    torch.manual_seed(0)
    tower = student.Student(8).eval()
    with torch.no_grad():
        for weight in tower.contexts.parameters():
            weight += 0.1 * torch.randn_like(weight)
    return tower


def test_the_order_of_words_is_heard_once_it_is_learnt() -> None:
    one, other = student.bag(["Hund Katze Maus"]), student.bag(["Maus Katze Hund"])

    def context(tower: student.Student) -> list[torch.Tensor]:
        return [tower.read(*tower.words(texts)).added.sum(1) for texts in (one, other)]

    first, turned = context(student.Student(8).eval())
    assert not first.any()
    assert not turned.any()
    first, turned = context(_learnt())
    assert not torch.allclose(first, turned, atol=1e-3)


def test_a_text_is_read_alone_as_in_any_company() -> None:
    tower = _learnt()
    together = student.bag(TEXTS)
    words, pairs, mask = tower.words(together)
    assert mask.sum(1).tolist() == [2, 1, 6, 1]
    whole = tower.embed(tower.read(words, pairs, mask))
    for row, text in enumerate(TEXTS):
        alone = tower.read(*tower.words(student.bag([text])))
        assert torch.allclose(tower.embed(alone)[0], whole[row], atol=1e-5)


def test_the_graph_says_what_the_network_says(tmp_path: Path) -> None:
    tower = _learnt()
    table = tower.table.weight.detach()
    levels, scale = in_levels(table)
    rounded = (levels - 8) * scale
    assert float((rounded - table).var() / table.var()) < 0.02
    table.copy_(rounded)
    export_student(tower, tmp_path / "languages.onnx")
    session = ort.InferenceSession(str(tmp_path / "languages.onnx"))
    for text in TEXTS[:1] + TEXTS[2:]:
        taken = hashed(words_of(text), student.PART)
        embedding, languages, tokens, mask = session.run(
            None, {"parts": taken.parts, "pairs": taken.pairs}
        )
        read = tower.read(*tower.words(student.bag([text])))
        assert embedding[0] == pytest.approx(tower.embed(read)[0].detach().numpy(), abs=0.02)
        assert tokens[0] == pytest.approx(tower.fine(read)[0].detach().numpy(), abs=0.1)
        assert languages.sum() == pytest.approx(1, abs=1e-5)
        assert mask.shape == (1, len(words_of(text)))
        assert mask.all()


def test_a_tower_comes_back_from_its_graph(tmp_path: Path) -> None:
    tower, path = _learnt(), tmp_path / "languages.onnx"
    torch.nn.init.normal_(tower.gate.weight)
    export_student(tower, path)
    again = student.Student(8).eval()
    again.load_state_dict(student_of(path))
    texts = student.bag(TEXTS)
    for one, other in zip(_all(tower, texts), _all(again, texts), strict=True):
        assert torch.nn.functional.cosine_similarity(one, other, dim=-1).min() > 0.95


def test_a_tower_is_the_same_with_its_constants_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "languages.onnx"
    export_student(_learnt(), path)
    taken = hashed(words_of(TEXTS[0]), student.PART)
    asked = {"parts": taken.parts, "pairs": taken.pairs}
    before, weights = ort.InferenceSession(str(path)).run(None, asked), student_of(path)
    share_tower(path)
    assert path.stat().st_size < 100_000
    assert path.with_suffix(".weights").stat().st_size > 6_000_000
    for one, other in zip(before, ort.InferenceSession(str(path)).run(None, asked), strict=True):
        assert np.array_equal(one, other)
    again = student_of(path)
    assert all(torch.equal(weights[name], again[name]) for name in weights)


def _all(tower: student.Student, texts: student.Bag) -> list[torch.Tensor]:
    read = tower.read(*tower.words(texts))
    return [tower.embed(read), tower.tell(read), tower.fine(read)]


def test_what_tells_objects_is_put_behind_another_tower(tmp_path: Path) -> None:
    torch.manual_seed(0)
    part = TextPart(Asked(), sides(0.035)[1]).eval()
    for name in ("one.onnx", "other.onnx"):
        export_student(student.Student(8), tmp_path / name)
    assert taken_apart(tmp_path / "other.onnx", tmp_path / "judge.onnx") is None
    put_behind_texts(part, [tmp_path / "one.onnx"])
    share = taken_apart(tmp_path / "one.onnx", tmp_path / "judge.onnx")
    assert share == pytest.approx((1 - part.side.share) ** 0.5)
    join(tmp_path / "other.onnx", tmp_path / "judge.onnx", share)
    taken = hashed(words_of(TEXTS[0]), student.PART)
    embedding, tokens, mask = ort.InferenceSession(str(tmp_path / "other.onnx")).run(
        ["embedding", "tokens", "word_mask"], {"parts": taken.parts, "pairs": taken.pairs}
    )
    told = part(torch.from_numpy(tokens), torch.from_numpy(mask))
    assert embedding[0, 8:] == pytest.approx(told[0].detach().numpy(), abs=1e-4)


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


def _trainer(work: Path, steps: int) -> StudentTrainer:
    english = languages.English()
    line = {code: english.said("ein Hund", code, {"a dog": 1.0}) for code in ("en", *student.CODES)}
    lexicon = languages.words(
        [Pair("de", "katze", (("cat", 0.7), ("feline", 0.3)))],
        [f"class {at}" for at in range(1000)], english, Usage({"cat": 9}, {}, frozenset()),
    )  # fmt: skip
    generator = torch.Generator().manual_seed(0)
    count = len(english.rows)
    teacher = Teacher(
        torch.nn.functional.normalize(torch.randn(count, 8, generator=generator), dim=-1),
        torch.randn(count, 40, 96, generator=generator).half(),
        torch.full((count,), 4),
        torch.randn(20, 8, generator=generator),
        torch.randn(20, 50, 96, generator=generator),
        Fine().eval().requires_grad_(False),
    )
    plan = StudentPlan(
        steps=steps, sentences=4, words=4, others=2, fine=4, candidates=6, every=2, warm_up=2
    )
    return StudentTrainer(plan, teacher, [line], lexicon, [["perro", "gato"]], work)


def test_training_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    _trainer(tmp_path, 2).run()
    again = _trainer(tmp_path, 4)
    again.run()
    assert again.done == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["student.pt"]


def test_what_people_may_ask_for_is_drawn_most() -> None:
    pairs = [Pair("de", word, ((word, 1.0),)) for word in ("katze", "aal", "mond", "frühstück")]
    usage = Usage(
        {"katze": 100, "mond": 1}, {"frühstück": 20}, frozenset({("de", "mond"), ("de", "aal")})
    )
    english = languages.English()
    found = languages.words(pairs, ["x"] * 1000, english, usage)
    cat, eel, moon, breakfast = (weight for _, weight in found[:4])
    # in captions; in none, whatever emoji there is; with an emoji; in dictionaries
    assert [each / eel for each in (cat, moon, breakfast)] == pytest.approx(
        [10.15 / 0.15, 60 / 0.15, 40.15 / 0.15]
    )
    assert found[0][0].means == ((english.rows["katze"], 1.0),)


def test_languages_are_drawn_alike() -> None:
    pairs = [Pair("de", f"wort {at}", (("word", 1.0),)) for at in range(900)]
    usage = Usage({"word": 400}, {}, frozenset())
    found = languages.words(pairs, ["x"] * 1000, languages.English(), usage)
    sums = {code: sum(w for said, w in found if said.language == code) for code in student.CODES}
    assert sums["de"] == pytest.approx(sums["fr"]) == pytest.approx(sums["cs"])


def test_a_pack_is_told_of_its_languages_once(tmp_path: Path) -> None:
    small.write_pack(tmp_path)
    small.language_graph(tmp_path / "languages.onnx")
    (tmp_path / "CARD.md").write_text("- English only. Other languages give nothing.\n")
    for _ in range(2):
        languages.put_in(tmp_path)
        found = read_manifest(tmp_path)
        assert found.languages == student.PART
        assert found.fine is not None
        assert (tmp_path / "CARD.md").read_text() == (
            "- English, German, French and Czech. Other languages give nothing.\n"
        )
        assert {"languages.onnx", "image.onnx"} <= {file.path for file in found.files}
