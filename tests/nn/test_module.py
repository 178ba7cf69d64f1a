"""Modules: finding and naming parameters, train and eval, state_dict, repr and summary."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, no_grad
from nn import Module, Parameter


class Scale(Module):
    def __init__(self, start: float = 1.0) -> None:
        self.factor = Parameter(start)

    def forward(self, x: Any) -> Any:
        return x * self.factor


class Zoo(Module):
    """Parameters and modules in every kind of place."""

    def __init__(self) -> None:
        self.own = Parameter([1.0, 2.0])
        self.child = Scale()
        self.many = [Scale(), (Scale(), Parameter(3.0))]
        self.by_key = {"left": Scale(), "right": Scale()}
        self.number, self.text, self.array, self.tensor = 1, "a", np.ones(3), Tensor([1.0])


ZOO_NAMES = [
    "own", "child.factor", "many.0.factor", "many.1.0.factor", "many.1.1", "by_key.left.factor", "by_key.right.factor",
]  # fmt: skip


def test_parameters_require_a_gradient_and_are_float32() -> None:
    parameter = Parameter([1, 2])
    assert parameter.requires_grad
    assert parameter.dtype == np.float32
    assert Parameter([1.0], dtype=np.float64).dtype == np.float64


def test_a_computed_tensor_is_no_parameter() -> None:
    assert type(Parameter(1.0) * 2) is Tensor


def test_parameters_are_found_in_attributes_lists_tuples_and_dicts_with_dotted_names() -> None:
    zoo = Zoo()
    assert [name for name, _ in zoo.named_parameters()] == ZOO_NAMES
    assert [p for _, p in zoo.named_parameters()] == zoo.parameters()


def test_parameters_know_their_dotted_names() -> None:
    zoo = Zoo()
    assert [p.name for p in zoo.parameters()] == ZOO_NAMES
    outer = nn.Sequential(zoo)
    assert [p.name for p in outer.parameters()] == [f"0.{name}" for name in ZOO_NAMES]


def test_looking_at_a_part_does_not_rename_its_parameters() -> None:
    outer = nn.Sequential(Scale())
    assert [name for name, _ in outer[0].named_parameters()] == ["factor"]
    assert outer.parameters()[0].name == "0.factor"


def test_a_parameter_that_came_by_append_is_named_when_it_is_first_found() -> None:
    zoo = Zoo()
    zoo.many.append(Parameter(0.0))
    assert zoo.parameters()[5].name == "many.2"


def test_a_shared_parameter_counts_once_under_its_first_name() -> None:
    class Tied(Module):
        def __init__(self) -> None:
            self.encoder, self.decoder = Scale(), Scale()
            self.decoder.factor = self.encoder.factor
            self.again = self.encoder

    tied = Tied()
    assert [name for name, _ in tied.named_parameters()] == ["encoder.factor"]
    assert [name for name, _ in tied.named_modules()] == ["", "encoder", "decoder"]


def test_a_module_that_knows_its_owner_is_no_endless_tree() -> None:
    owner, child = Scale(), Scale()
    owner.child, child.owner = child, owner
    assert [name for name, _ in owner.named_parameters()] == ["factor", "child.factor"]


def test_modules_come_with_their_paths() -> None:
    names = [name for name, _ in Zoo().named_modules()]
    assert names == ["", "child", "many.0", "many.1.0", "by_key.left", "by_key.right"]
    assert len(Zoo().modules()) == 6


def test_zero_grad_forgets_every_gradient() -> None:
    model = nn.MLP(2, 3, 1, rng=0)
    model(np.ones((4, 2))).sum().backward()
    assert all(p.grad is not None for p in model.parameters())
    model.zero_grad()
    assert all(p.grad is None for p in model.parameters())


def test_train_and_eval_reach_every_child() -> None:
    zoo = Zoo()
    assert all(module.training for module in zoo.modules())
    assert zoo.eval() is zoo
    assert not any(module.training for module in zoo.modules())
    zoo.train()
    assert all(module.training for module in zoo.modules())


def test_a_module_without_forward_says_so() -> None:
    with pytest.raises(NotImplementedError, match="Zoo does not say what it computes: define forward"):
        Zoo()(1.0)


# --- state_dict ---------------------------------------------------------------------------------------------------


def test_state_dict_round_trip() -> None:
    a, b = nn.MLP(2, 5, 3, rng=0), nn.MLP(2, 5, 3, rng=1)
    x = np.ones((4, 2))
    assert not np.array_equal(a(x).data, b(x).data)
    assert b.load_state_dict(a.state_dict()) == ([], [])
    np.testing.assert_array_equal(a(x).data, b(x).data)


def test_state_dict_is_a_snapshot() -> None:
    model = Scale(2.0)
    state = model.state_dict()
    state["factor"][...] = 7
    model.factor.data *= 3
    assert model.factor.item() == 6
    assert state["factor"] == 7


def test_loaded_arrays_stay_the_callers() -> None:
    model, state = Scale(), {"factor": np.array(5.0, dtype=np.float32)}
    model.load_state_dict(state)
    state["factor"][...] = 0
    assert model.factor.item() == 5


def test_loading_keeps_the_dtype_of_the_parameter() -> None:
    model = Scale()
    model.load_state_dict({"factor": np.float64(0.1)})
    assert model.factor.dtype == np.float32


def test_names_that_are_missing_or_unexpected_are_listed_and_nothing_is_loaded() -> None:
    model: Any = nn.Dense(2, 3, rng=0)
    before = model.state_dict()
    with pytest.raises(KeyError, match=r"the state is not of this Dense: missing: W; unexpected: weight, scale"):
        model.load_state_dict({"b": np.ones(3), "weight": np.ones((2, 3)), "scale": 1.0})
    np.testing.assert_array_equal(model.b.data, before["b"])


def test_without_strict_they_are_returned_and_the_rest_is_loaded() -> None:
    model: Any = nn.Dense(2, 3, rng=0)
    assert model.load_state_dict({"b": np.ones(3), "scale": 1.0}, strict=False) == (["W"], ["scale"])
    np.testing.assert_array_equal(model.b.data, np.ones(3))


@pytest.mark.parametrize("strict", [True, False])
def test_other_shapes_are_listed_never_broadcast_and_nothing_is_loaded(strict: bool) -> None:
    model = nn.Dense(2, 3, rng=0)
    before = model.state_dict()
    message = r"does not fit this Dense: W has shape \(3, 2\) instead of \(2, 3\); b has shape \(1,\) instead of \(3,\)"
    with pytest.raises(ValueError, match=message):
        model.load_state_dict({"W": np.ones((3, 2)), "b": np.ones(1)}, strict=strict)
    for name, array in model.state_dict().items():
        np.testing.assert_array_equal(array, before[name])


def test_what_is_no_real_number_is_refused_by_name() -> None:
    for wrong in (np.array("seven"), np.array(1j)):
        with pytest.raises(ValueError, match="the state holds no real numbers for factor"):
            Scale().load_state_dict({"factor": wrong})


def test_a_graph_made_before_loading_keeps_its_numbers() -> None:
    model = Scale(2.0)
    y = model.factor * model.factor
    model.load_state_dict({"factor": 10.0})
    y.backward()
    assert model.factor.grad == 4


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copy_has_parameters_of_its_own(duplicate: Any) -> None:
    model = nn.MLP(2, 3, 1, rng=0)
    other = duplicate(model)
    assert repr(other) == repr(model)
    assert [p.name for p in other.parameters()] == ["0.W", "0.b", "1.W", "1.b"]
    other[0].W.data[...] = 0
    assert np.any(model[0].W.data != 0)


# --- to look at ---------------------------------------------------------------------------------------------------


def test_repr_shows_the_tree_with_shapes_and_counts() -> None:
    model = nn.Sequential(nn.Dense(2, 64, "tanh"), nn.ReLU(), nn.Dense(64, 1, bias=False))
    assert repr(model).split("\n") == [
        "Sequential(): 256 parameters",
        "  0: Dense(2 -> 64, tanh): 192 parameters, W (2, 64), b (64,)",
        "  1: ReLU()",
        "  2: Dense(64 -> 1): 64 parameters, W (64, 1)",
    ]
    assert repr(Scale()) == "Scale(): 1 parameter, factor ()"
    assert "many.1.0: Scale(): 1 parameter, factor ()" in repr(Zoo())


def test_summary_is_a_table_of_what_holds_parameters() -> None:
    model = nn.Sequential(nn.Dense(2, 64, "tanh"), nn.ReLU(), nn.Dense(64, 16))
    model[0].W.requires_grad = False
    lines = model.summary().split("\n")
    assert [line.split() for line in lines] == [
        ["name", "layer", "shapes", "parameters"],
        ["0", "Dense(2", "->", "64,", "tanh)", "W", "(2,", "64),", "b", "(64,)", "192"],
        ["2", "Dense(64", "->", "16)", "W", "(64,", "16),", "b", "(16,)", "1,040"],
        ["total", "4,928", "bytes,", "128", "frozen", "1,232"],
    ]
    assert len({len(line) for line in lines}) == 1


def test_a_module_that_is_changed_inside_of_another_keeps_its_dotted_names() -> None:
    zoo = Zoo()
    zoo.by_key["left"].factor = Parameter(5.0)
    assert zoo.by_key["left"].factor.name == "by_key.left.factor"


# --- what is set where a part is ----------------------------------------------------------------------------------


class Running(Module):
    """A parameter, a buffer, and parts in a module, a list and a dict."""

    def __init__(self) -> None:
        self.factor, self.mean = Parameter([1.0, 2.0]), nn.Buffer([0.0, 0.0])
        self.child, self.listed, self.keyed = Scale(), [Scale()], {"a": Parameter(1.0)}


@pytest.mark.parametrize("place", ["factor", "mean"])
@pytest.mark.parametrize(
    "given", [np.array([3.0, 4.0]), np.array([3, 4], dtype=np.int8), [3, 4], (3.0, 4.0), Tensor([3.0, 4.0])]
)
def test_numbers_that_are_set_go_into_the_parameter_or_buffer(place: str, given: Any) -> None:
    model, given = Running(), copy.copy(given)
    part = getattr(model, place)
    setattr(model, place, given)
    assert getattr(model, place) is part
    np.testing.assert_array_equal(part.data, np.array([3, 4], dtype=np.float32))
    assert part.dtype == np.float32
    assert len(model.state_dict()) == 5
    if isinstance(given, np.ndarray):
        given[0] = 7  # the array stays the caller's
        assert part.data[0] == 3


def test_the_course_s_update_of_an_attribute_works_without_a_graph() -> None:
    model = Scale(3.0)
    factor = model.factor
    (model.factor * model.factor).backward()
    with no_grad():
        model.factor = model.factor - 0.5 * model.factor.grad
    assert model.factor is factor
    assert factor.item() == 0


@pytest.mark.parametrize("place", ["factor", "mean"])
@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        (np.ones(3), ValueError, r"numbers of shape \(3,\) do not fit: numbers of shape \(2,\), an nn\.\w+ or None"),
        (1.0, ValueError, r"numbers of shape \(\) do not fit"),
        (np.ones((2, 2)), ValueError, r"numbers of shape \(2, 2\) do not fit"),
        ("relu", TypeError, "'relu' is none"),
        (np.array([1j, 2]), TypeError, "is none"),
        (nn.relu, TypeError, "relu .*is none"),
        (Tensor([1.0, 2.0], requires_grad=True), TypeError, r"take .detach\(\), or compute it under autograd.no_grad"),
        (Parameter([1.0, 2.0]) * 2, TypeError, "would be lost"),
    ],
)
def test_what_does_not_fit_a_parameter_is_refused_and_nothing_changes(
    place: str, given: Any, kind: type[Exception], message: str
) -> None:
    model = Running()
    part, before = getattr(model, place), model.state_dict()
    with pytest.raises(kind, match=rf"Running\.{place} is a (parameter|buffer), and .*{message}"):
        setattr(model, place, given)
    assert getattr(model, place) is part
    np.testing.assert_equal(model.state_dict(), before)


@pytest.mark.parametrize("place", ["child", "listed", "keyed"])
@pytest.mark.parametrize("given", [np.ones(2), 3.0, "relu", [np.ones(1)], nn.ReLU, Tensor([1.0])])
def test_modules_and_holders_of_parts_are_not_replaced_by_what_holds_none(place: str, given: Any) -> None:
    model = Running()
    old = getattr(model, place)
    with pytest.raises(TypeError, match=rf"Running\.{place} holds .* would remove what it holds"):
        setattr(model, place, given)
    assert getattr(model, place) is old


@pytest.mark.parametrize("place", ["factor", "mean", "child", "listed", "keyed"])
def test_none_removes_a_part_and_another_part_replaces_it(place: str) -> None:
    model = Running()
    setattr(model, place, Scale())
    assert f"{place}.factor" in model.state_dict()
    setattr(model, place, None)
    assert len(model.state_dict()) == 4


def test_a_function_may_take_the_place_of_a_module_and_an_empty_list_that_of_a_full_one() -> None:
    layer: Any = nn.Dense(2, 2, nn.ReLU(), rng=0)
    layer.activation = nn.tanh
    assert (layer(np.full((1, 2), 0.3)).data == nn.tanh(nn.Dense(2, 2, rng=0)(np.full((1, 2), 0.3))).data).all()
    model = Running()
    model.listed = []
    assert "listed.0.factor" not in model.state_dict()


def test_numbers_are_set_in_a_compiled_step_too() -> None:
    model = Running()

    @autograd.compile
    def step(x: Any) -> Any:
        model.mean = 0.5 * model.mean + x
        return model.mean * 1

    for _ in range(3):
        step(np.ones(2))
    np.testing.assert_array_equal(model.mean.data, [1.75, 1.75])
    assert isinstance(model.mean, nn.Buffer)


# --- names --------------------------------------------------------------------------------------------------------


def collide(model: Module, how: str) -> None:
    if how == "dict":
        model.both = {0: Parameter(1.0), "0": Parameter(2.0)}  # type: ignore[assignment]
    elif how == "attribute":
        setattr(model, "listed.0.factor", Parameter(1.0))
    elif how == "key":
        model.both = {"a.b": Parameter(1.0), "a": {"b": Parameter(2.0)}}  # type: ignore[assignment]
    else:
        setattr(model, "child.factor", Parameter(2.0))


@pytest.mark.parametrize("how", ["dict", "attribute", "key", "module"])
def test_two_parts_of_one_name_are_refused(how: str) -> None:
    model = Running()
    model.both = None
    attributes = dict(vars(model))
    with pytest.raises(ValueError, match=r"two parts of Running would have the name [\w.]+: a name is the path"):
        collide(model, how)
    assert vars(model) == attributes


def test_two_parts_of_one_name_are_refused_wherever_they_came_from() -> None:
    model = Running()
    model.keyed["a.b"], model.keyed["a"] = Parameter(1.0), {"b": Parameter(2.0)}  # type: ignore[assignment]
    for look in (model.parameters, model.state_dict, lambda: nn.SGD(model.parameters(), lr=1)):
        with pytest.raises(ValueError, match=r"two parts of Running would have the name keyed\.a\.b"):
            look()


@pytest.mark.parametrize("place", [lambda t: t, lambda t: [1, t], lambda t: {"a": (t,)}], ids=["self", "list", "dict"])
def test_a_leaf_that_is_no_parameter_is_named_with_the_cure(place: Any) -> None:
    model = Scale()
    name = {"Tensor": "w", "list": r"w\.1", "dict": r"w\.a\.0"}[type(place(Tensor(1.0))).__name__]
    with pytest.warns(UserWarning, match=rf"Scale\.{name} is a Tensor .* Write self\.w = nn\.Parameter") as caught:
        model.w = place(Tensor([1.0], requires_grad=True))
    assert caught[0].filename == __file__


def test_tensors_that_nobody_could_train_are_kept_without_a_word() -> None:
    model = Scale()
    model.seen, model.constant = model.factor * 2, Tensor([1.0])  # type: ignore[assignment]
    assert len(model.parameters()) == 1
