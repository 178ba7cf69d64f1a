"""The steps of the player: their order, their words, and numbers that are those of the engine."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from played import PLAYED

import autograd as ag
import nn
from autograd import Tensor, Value
from autograd.draw.passes import Passed, backward_pass
from autograd.draw.scene import look_at
from autograd.draw.story import Story
from autograd.draw.text import rows


def story(node: Any, max_nodes: int = 200) -> Story:
    return Story(look_at(node, True, max_nodes))


def told(node: Any) -> list[str]:
    return [step.symbols for step in story(node).steps]


def test_a_product_is_played_step_by_step() -> None:
    w, x = Value(0.5, "w"), Value(3.0, "x")
    assert told(w * x) == [
        "",
        "v1 = w × x",
        "∂v1/∂v1 = 1",
        "∂v1/∂w = ∂v1/∂v1 × ∂v1/∂w",
        "∂v1/∂x = ∂v1/∂v1 × ∂v1/∂x",
        "",
    ]
    phases = [step.phase for step in story(w * x).steps]
    assert phases == ["start", "forward", "seed", "backward", "backward", "end"]


def test_where_paths_meet_the_contributions_are_added() -> None:
    x = Value(1.5, "x")
    step = story(x * x).steps[4]
    assert step.symbols == "∂v1/∂x += ∂v1/∂v1 × ∂v1/∂x (operand 2)"
    assert [(term.sign, term.label, term.rows) for term in step.terms] == [
        ("", "upstream", [["1"]]), ("×", "local derivative", [["1.5"]]), ("=", "contribution", [["1.5"]]),
    ]  # fmt: skip
    assert [(term.sign, term.label, term.rows) for term in step.sums] == [
        ("", "so far", [["1.5"]]), ("+", "contribution", [["1.5"]]), ("=", "sum", [["3"]]),
    ]  # fmt: skip
    assert step.words == (
        "Backward from v1 to x: upstream 1 times local derivative 1.5 is 1.5. "
        "Paths meet: added to 1.5 it gives 3."
    )  # fmt: skip


def gradients_after_backward(root: Any) -> dict[Any, Any]:
    """The oracle: a backward pass as users run it, with the gradient of every node kept."""
    nodes = {root}
    stack = [root]
    while stack:
        for arg in stack.pop().args:
            if isinstance(arg, ag.Tensor | ag.Value) and arg.requires_grad and arg not in nodes:
                nodes.add(arg)
                stack.append(arg)
    for node in nodes:
        node.retain_grad()
    root.backward(None if np.size(root.data) == 1 else np.ones(np.shape(root.data)))
    return {node: node.grad for node in nodes}


def vector() -> Any:
    W = Tensor([[1.0, -2.0], [0.5, 3.0]], True, name="W")
    x = Tensor([2.0, -1.0], True, name="x")
    b = Tensor(0.5, True, name="b")
    return np.maximum(W @ x + b, 0) * x[::-1] + ag.softmax(x)  # broadcasting, an index, a tie of paths


GRAPHS: dict[str, Callable[[], Any]] = {**PLAYED, "vector": vector}


@pytest.mark.parametrize("made", GRAPHS.values(), ids=GRAPHS)
def test_the_numbers_are_the_engines(made: Callable[[], Any]) -> None:
    root = made()
    found = story(root)
    engine = gradients_after_backward(root)
    assert len(found.final) == len(engine)
    for box, gradient in found.final.items():
        (node,) = found.scene.boxes[box].nodes
        np.testing.assert_array_equal(gradient, engine[node], strict=isinstance(gradient, np.ndarray))
        assert found.tracks[box].gradients[-1][1] == rows(engine[node])


@pytest.mark.parametrize("made", GRAPHS.values(), ids=GRAPHS)
def test_every_gradient_is_the_sum_of_its_contributions(made: Callable[[], Any]) -> None:
    found = story(made())
    sums: dict[int, Any] = {len(found.scene.boxes) - 1: np.ones(np.shape(found.scene.boxes[-1].value))}
    for edge, passed in found.passed.items():
        source = found.scene.edges[edge].source
        sums[source] = sums[source] + passed.contribution if source in sums else passed.contribution
        np.testing.assert_array_equal(passed.after, sums[source])
        np.testing.assert_array_equal(passed.upstream, found.final[found.scene.edges[edge].target])
    assert sums.keys() == found.final.keys()
    for box, gradient in found.final.items():
        np.testing.assert_array_equal(sums[box], gradient)


@pytest.mark.parametrize("made", GRAPHS.values(), ids=GRAPHS)
def test_backward_goes_in_the_order_of_the_sweep(made: Callable[[], Any]) -> None:
    root, order = made(), []

    class Watch(ag.recording.Watch):
        def contributed(self, node: Any, arg: Any, g: Any, c: Any) -> None:
            order.append(node)

    with ag.recording.watched(Watch()):
        root.backward(np.ones(np.shape(root.data)))
    found = story(root)
    assert [found.scene.boxes[found.scene.edges[edge].target].nodes[0] for edge in found.passed] == order


def test_a_broadcast_argument_gets_a_sum() -> None:
    x, b = Tensor([1.0, 2.0, 3.0], True, name="x"), Tensor(0.5, True, name="b")
    steps = story(np.sum(x * b)).steps
    (step,) = [step for step in steps if step.symbols.startswith("∂v2/∂b")]
    assert [term.label for term in step.terms] == ["upstream", "local derivative", "contribution, summed"]
    assert step.terms[2].rows == [["6"]]
    assert "summed, since b was broadcast" in step.words


def test_a_product_of_matrices_is_told_as_one() -> None:
    A, x = Tensor([[1.0, 2.0], [3.0, 4.0]], True, name="A"), Tensor([1.0, -1.0], True, name="x")
    steps = story(np.sum(A @ x)).steps
    assert [step.symbols for step in steps if step.phase == "backward"] == [
        "∂v2/∂v1 = ∂v2/∂v2, to each entry",
        "∂v2/∂A = G xᵀ",
        "∂v2/∂x = Aᵀ G",
    ]
    assert [(term.sign, term.symbol, term.shape) for term in steps[-2].terms] == [
        ("", "Aᵀ", "(2, 2)"), ("", "G = ∂v2/∂v1", "(2, 1)"), ("=", "via v1", "(2, 1)"),
    ]  # fmt: skip


def test_an_array_starts_from_ones() -> None:
    x = Tensor([1.0, 2.0], True, name="x")
    found = story(x * x)
    assert found.objective == "sum(v1)"
    assert found.steps[2].symbols == "∂sum(v1)/∂v1 = 1"
    assert found.steps[2].terms[0].rows == [["1", "1"]]


def test_a_hook_is_a_step_of_its_own() -> None:
    x = Value(2.0, "x")
    y = x * 3
    y.name = "y"
    y.register_hook(lambda g: 10 * g)
    x.register_hook(lambda g: -g)
    z = y + 1
    z.name = "z"
    found = story(z)
    hooked = [step for step in found.steps if step.phase == "hook"]
    assert [step.words for step in hooked] == [
        "A hook changed ∂z/∂y from 1 to 10.", "A hook changed ∂z/∂x from 30 to -30.",
    ]  # fmt: skip
    z.backward()
    assert found.final[0] == x.grad == -30.0
    assert found.tracks[0].gradients[-1][1] == [["-30"]]


def test_a_hook_that_changes_nothing_is_no_step() -> None:
    x = Value(2.0, "x")
    x.register_hook(lambda g: None)
    assert "hook" not in [step.phase for step in story(x * 3).steps]


def test_recording_leaves_no_trace() -> None:
    x = Value(2.0, "x")
    y = x * x
    with ag.debug.detect_nan():
        watch = ag.recording.recording.get().watch
        story(y)
        assert ag.recording.recording.get().watch is watch
    assert ag.recording.recording.get().watch is None
    assert (x.grad, y.grad) == (0.0, 0.0)


def test_a_leaf_alone_and_what_requires_no_gradient() -> None:
    assert [step.phase for step in story(Value(2.0, "x")).steps] == ["start", "seed", "end"]
    constant = Tensor([1.0, 2.0], name="c")
    assert [step.phase for step in story(constant).steps] == ["start"]
    with ag.no_grad():
        assert [step.phase for step in story(np.sum(Tensor([1.0], True))).steps] == ["start"]
    x = Value(2.0, "x")
    assert [step.phase for step in Story(look_at(x * x, False, 200)).steps] == ["start", "forward"]


def test_names_given_twice_or_not_at_all_become_symbols_of_their_own() -> None:
    a, b, c = Value(1.0, "v1"), Value(2.0, "w"), Value(-3.0, "w")
    found = story(a * b + c * 2)
    assert found.symbols == ["v1", "w", "v2", "v3", "2", "v4", "v5"]
    assert found.symbols == [box.name or "2" for box in found.scene.boxes]


def test_folds_are_played_as_one() -> None:
    x = Value(0.5, "x")
    y = x
    for _ in range(300):
        y = y.tanh() + x * 0.001
    found = story(y, 30)
    (fold,) = (i for i, box in enumerate(found.scene.boxes) if box.kind == "fold")
    (step,) = (step for step in found.steps if step.phase == "forward" and step.box == fold)
    assert step.words.endswith(" operations, folded in the picture.")
    y.backward()
    assert found.final[found.symbols.index("x")] == pytest.approx(x.grad, rel=1e-15)
    (through,) = [passed for passed in found.passed.values() if found.scene.edges[passed.edge].target == fold]
    assert found.symbols[found.scene.edges[through.edge].source] == "x"
    assert fold not in found.final


def test_a_chain_of_folds_hands_back_what_the_engine_did() -> None:
    x = Value(0.5, "x")
    y = x
    for _ in range(1000):
        y = y.sin()
    scene = look_at(y, True, 100)
    events = list(backward_pass(scene))
    y.backward()
    assert scene.boxes[0].gradient == x.grad
    assert [type(event) for event in events] == [Passed, Passed]  # into the fold, and out of it
    assert [event.after for event in events] == [None, x.grad]


def test_a_folded_module_has_a_value_and_a_gradient() -> None:
    model = nn.MLP(2, 3, 1, activation="tanh", rng=0)
    out = model(Tensor([[1.0, 2.0]], True, dtype=np.float32, name="x"))
    found = Story(look_at(np.sum(out), True, 200, depth=1))
    modules = [i for i, box in enumerate(found.scene.boxes) if box.kind == "module"]
    assert len(modules) >= 2
    for i in modules:
        assert found.tracks[i].gradients[-1][1] == rows(found.final[i])
        assert next(step.terms for step in found.steps if step.phase == "forward" and step.box == i)
    for passed in found.passed.values():
        assert passed.upstream is not None
    whole = Story(look_at(out, True, 200, depth=0))
    assert [step.phase for step in whole.steps] == ["start", "forward", "seed", "backward", "end"]
    (passed,) = whole.passed.values()
    np.testing.assert_array_equal(passed.contribution, whole.final[0])


def test_operands_that_come_from_folds_are_told_apart() -> None:
    def half(x: Any) -> Any:
        return np.tanh(x * 0.5)

    x, a = Value(2.0, "x"), Value(3.0, "a")
    h = ag.scoped("half", "function", half, x)
    found = Story(look_at(a - h, True, 200, depth=0))
    (step,) = [step for step in found.steps if "∂half" in step.symbols.split("=")[0]]
    assert step.symbols == "∂v1/∂half = ∂v1/∂v1 × ∂v1/∂half"
    assert [term.rows[0][0] for term in step.terms] == ["1", "-1", "-1"]
    assert found.written(len(found.scene.boxes) - 1) == "a - half"
    found = Story(look_at(np.where(1.0, a * h, h * h), True, 200, depth=0))
    steps = [step for step in found.steps if "∂half" in step.symbols.split("=")[0]]
    assert found.written(len(found.scene.boxes) - 1) == "where(1, v1, v2)"
    assert steps[0].symbols.endswith("what comes back through v2")  # to both of its operands at once
    assert steps[1].symbols.endswith("× ∂v1/∂half")


def test_masks_and_plain_numbers_are_numbers() -> None:
    x = Tensor([-1.0, 2.0], True, name="x")
    steps = story(np.sum(ag.relu(x))).steps
    (step,) = [step for step in steps if step.symbols.startswith("∂v2/∂x")]
    assert step.terms[1].rows == [["0", "1"]]


def test_the_operands_of_an_expression_are_bracketed_where_they_must_be() -> None:
    x = Value(-2.0, "x")
    steps = story((3 + x).exp() * x).steps
    assert [step.terms[0].rows[0][0] for step in steps[1:4]] == ["3 + (-2)", "exp(1)", "2.7183 × (-2)"]
