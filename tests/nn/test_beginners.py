"""What beginners type, and what they are told: the right number, or an error that says what to write instead."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from autograd import Tensor, Value, grad

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
Y = np.array([[0.0], [1.0], [1.0], [0.0]])


class Table:
    """A table of pandas, only when it is asked for."""

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return pytest.importorskip("pandas").DataFrame(*args, **kwargs)


def names(path: Path) -> dict[str, Any]:
    """What the lines may use: data, models, tensors."""
    return {
        "np": np, "nn": nn, "autograd": autograd, "math": math, "grad": grad, "Tensor": Tensor, "Value": Value,
        "DataFrame": Table(), "X": X, "y": Y, "labels": Y[:, 0].astype(int), "path": path,
        "model": nn.Sequential(nn.Dense(2, 4, "tanh", rng=0), nn.Dense(4, 1, rng=1)), "three": nn.MLP(2, 4, 3, rng=0),
        "t": Tensor([1.0, 2.0, 3.0]), "w": Tensor([1.0, 2.0, 3.0], requires_grad=True), "v": Value(2.0),
        "fit": lambda *args, **kwargs: nn.fit(
            *args, **{"loss": "mse", "epochs": 1, "progress": False, "rng": 0} | kwargs
        ),
    }  # fmt: skip


WORKS: dict[str, Any] = {
    "nn.Parameter(1.0).assign(0.5)": None,
    "nn.Parameter([1.0, 2.0]).assign([3, 4])": None,
    "nn.Adam(model.parameters(), 0.1).lr": 0.1,
    "nn.MLP([2, 8, 1])(X).shape": (4, 1),
    "nn.Sequential([nn.Dense(2, 8), nn.ReLU(), nn.Dense(8, 1)])(X).shape": (4, 1),
    "model(X.tolist()).shape": (4, 1),
    "model(DataFrame(X)).shape": (4, 1),
    "model.predict(X.astype(int)).shape": (4, 1),
    "nn.mse(model(X), y.tolist()).item() == nn.mse(model(X), y).item()": True,
    "nn.cross_entropy(three(X), labels.astype(float)).item() == nn.cross_entropy(three(X), labels).item()": True,
    "fit(model, X.tolist(), y.tolist()).epochs": 1,
    "fit(model, Tensor(X), Tensor(y)).epochs": 1,
    "fit(model, X.astype(object), y, batch_size=np.int64(2)).epochs": 1,
    "fit(model, X, y, validation=[X, y], early_stopping=np.int64(5)).epochs": 1,
    "fit(model, X, y, optimizer=nn.Adam, loss=nn.mse, metrics='accuracy').epochs": 1,
    "nn.LeakyReLU(0.1)(np.array([-1.0, 2.0])).tolist()": [-0.1, 2.0],
    "nn.Softmax(-1)(np.zeros((1, 2))).tolist()": [[0.5, 0.5]],
    "nn.relu([-1, 2]).tolist()": [0, 2],
    "Tensor([1.0, 2.0], True).requires_grad": True,
    "(w * [1, 2, 3]).tolist()": [1.0, 4.0, 9.0],
    "sum(w).item()": 6.0,
    "max(v, 0).data": 2.0,
    "f'{w.sum():.2f}'": "6.00",
    "(np.array([v, v]) @ np.ones(2)).data": 4.0,
    "v == 2": True,
    "grad(lambda x: (x**2).sum())(np.array([1, 2])).tolist()": [2.0, 4.0],
    "grad(lambda x: x**2)(3)": 6.0,
}

REFUSED: list[tuple[str, type[Exception], str]] = [
    # names and habits of PyTorch and Keras
    ("nn.functional", AttributeError, "write nn.relu, nn.softmax, nn.cross_entropy  # all functions stand in nn"),
    ("nn.utils", AttributeError, "write nn.clip_grad_norm"),
    ("nn.Input", AttributeError, "the first layer says how many inputs there are"),
    ("nn.draw", AttributeError, "write autograd.draw"),
    ("nn.no_grad", AttributeError, "write autograd.no_grad"),
    ("model.build((None, 2))", AttributeError, "it is told how many inputs there are"),
    ("model.compile(loss='mse')", AttributeError, r"nn.fit\(model.*loss and optimizer are arguments of fit"),
    ("model.fit(X, y)", AttributeError, r"write nn.fit\(model, X, y"),
    ("model.add(nn.ReLU())", AttributeError, r"write model.append\(layer\)"),
    ("model[0].weight", AttributeError, "write layer.W"),
    ("model[0].bias", AttributeError, "write layer.b"),
    ("model.backward()", AttributeError, r"write loss.backward\(\)"),
    ("nn.Linear(2, 3)", TypeError, r"write nn.Dense\(inputs, units\)"),
    ("nn.Dense(in_features=2, out_features=8)", TypeError, "'in_features': write inputs="),
    ("nn.Dense(8, input_dim=2)", TypeError, "'input_dim': write inputs="),
    ("nn.Conv2d(1, 8, 3, activation='relu')", TypeError, "put the layer of the activation after this one"),
    ("nn.Conv2d(1, filters=8, kernel_size=3)", TypeError, "'filters': write out_channels="),
    ("nn.LSTM(3, 4, batch_first=True)", TypeError, r"leave it out, sequences are \(n, time, inputs\)"),
    ("nn.Dropout(rate=0.5)", TypeError, "'rate': write p="),
    ("nn.MaxPool2d(2, strides=2)", TypeError, "'strides': write stride="),
    ("nn.ReLU(inplace=True)", TypeError, "leave it out, a layer never changes what enters it"),
    ("nn.ReLU(True)", TypeError, r"ReLU\(\): too many"),
    ("nn.LeakyReLU(negative_slope=0.1)", TypeError, "write slope="),
    ("nn.softmax(w, dim=0)", TypeError, "'dim': write axis="),
    ("w.sum(dim=0)", TypeError, "write axis= for dim="),
    ("nn.Flatten(start_dim=1)", TypeError, r"Flatten\(\) takes no arguments"),
    ("nn.Adam(model.parameters(), learning_rate=0.1)", TypeError, "'learning_rate': write lr="),
    ("nn.SGD(lr=0.1)", TypeError, "is made of parameters.*optimizer=lambda params"),
    ("fit(model, X, y, optimizer=nn.SGD)", TypeError, "missing 1 required positional argument: 'lr'"),
    ("fit(model, X, y, lr=0.1)", TypeError, "optimizer=lambda"),
    ("fit(model, X, y, loss='binary_crossentropy')", ValueError, "write 'bce'"),
    ("fit(model, X, y, metrics=['acc'])", ValueError, "write 'accuracy'"),
    ("fit(model, X, y, callbacks=[nn.EarlyStopping(2)])", TypeError, r"it goes to fit\(early_stopping=...\)"),
    ("fit(model, X, y, callbacks=nn.StepLR(2))", TypeError, r"it goes to fit\(schedule=...\)"),
    ("fit(model, X, y, schedule='cosine')", TypeError, r"nn.CosineAnnealingLR\(T_max=1\)"),
    ("nn.data.load_iris()", AttributeError, r"write sklearn.datasets.load_iris\(return_X_y=True\)"),
    ("nn.data.train_test_split(X, y)", AttributeError, r"write nn.data.split\(X, y\)"),
    ("autograd.exp(w)", AttributeError, "write np.exp, NumPy's own functions take nodes"),
    ("autograd.zeros(3)", AttributeError, r"write Tensor\(np.zeros\(shape\)\)"),
    ("autograd.gradient", AttributeError, r"write gradients\(loss, \[w\]\)"),
    ("w.zero_grad()", AttributeError, "write t.grad = None"),
    ("w.view(3, 1)", AttributeError, "write t.reshape"),
    ("v.sum()", AttributeError, "'Value' object has no attribute 'sum'"),
    ("v.gradient", AttributeError, "write v.grad"),
    # forgotten parentheses, classes for instances, one too many
    ("nn.Adam(model.parameters)", TypeError, "not the function that gives it: call it"),
    ("nn.Adam(model)", TypeError, r"as model.parameters\(\) gives, not a Sequential"),
    ("nn.clip_grad_norm(model, 1.0)", TypeError, r"as model.parameters\(\) gives, not a Sequential"),
    ("nn.Sequential(nn.Dense(2, 8), nn.ReLU)", TypeError, r"a class: write ReLU\(\)"),
    ("nn.Sequential(nn.Dense(2, 8), 'relu')", TypeError, r"the layer of nn.relu is nn.ReLU\(\)"),
    ("nn.Sequential(nn.Dense(2, 8), nn.relu)", TypeError, r"the layer of nn.relu is nn.ReLU\(\)"),
    ("nn.Dense(2, 8, activation=nn.ReLU)", TypeError, r"pass a layer, ReLU\(\)"),
    ("nn.ReLU(X)", TypeError, r"ReLU is made first.*ReLU\(\)\(x\)"),
    ("fit(nn.MLP, X, y)", TypeError, r"make one, MLP\(...\)"),
    ("fit(model.predict, X, y)", TypeError, "the model comes first, an nn.Module, not a method"),
    ("fit(model, X, y, loss=nn.mse())", TypeError, "missing 2 required positional arguments: 'prediction' and"),
    ("fit(model, X, y, early_stopping=nn.EarlyStopping)", TypeError, "is a number of epochs, or an nn.EarlyStopping"),
    ("fit(model, X, y, early_stopping=True)", TypeError, "early_stopping is a number of epochs"),
    ("fit(model, X, y, callbacks=[print, dict])", TypeError, "a callback is a function of the Epoch"),
    ("grad(w.sum())", TypeError, r"takes a function, not a Tensor: grad\(f\)\(x\)"),
    ("grad(lambda x: None)(1.0)", TypeError, "is its return statement missing"),
    ("grad(lambda x: x**2, 1.0)", TypeError, "argnums is the position of an argument"),
    ("nn.mse(model, y)", TypeError, "real numbers, not object, such as a Dense"),
    # sizes and numbers of other kinds
    ("nn.Dense(2)", TypeError, r"as Dense\(2, 8\): got 2"),
    ("nn.Dense(2.0, 8)", TypeError, "inputs is an integer, and 2.0 is none"),
    ("nn.Dense([2, 8])", TypeError, r"as Dense\(2, 8\)"),
    ("nn.MLP(2, [8, 8], 1)", TypeError, r"as MLP\(2, 8, 8, 1\)"),
    ("nn.MLP(2, 8, 1, 'relu')", TypeError, "write activation='relu'"),
    ("nn.MLP(hidden_layer_sizes=(8,))", TypeError, r"one after the other, nn.MLP\(2, 8, 1\)"),
    ("nn.scalar.MLP(2, 16, 16, 1)", TypeError, r"as MLP\(2, \[16, 16, 1\]\)"),
    ("nn.Dropout(50)", ValueError, "at least 0 and below 1, got 50"),
    ("nn.Dropout('0.5')", TypeError, "must be a number, got '0.5'"),
    ("nn.Adam(model.parameters(), lr='0.1')", TypeError, "lr must be a number, got '0.1'"),
    ("fit(model, X, y, epochs=2.0)", TypeError, "fit: epochs is an integer, and 2.0 is none"),
    ("fit(model, X, y, batch_size='all')", TypeError, "fit: batch_size is an integer, and 'all' is none"),
    ("fit(model, X, y, clip_norm='1')", TypeError, "fit: clip_norm must be a number"),
    ("fit(model, X, y, validation=20)", ValueError, "choose another part"),
    ("fit(model, X, y, loss=nn.Dense)", TypeError, "a function loss.*not Dense, a class"),
    ("fit(model, X, y, optimizer=0.1)", TypeError, "as lambda params: nn.SGD"),
    ("nn.data.batches(X, y, '2')", TypeError, "size is an integer"),
    # shapes, order, texts
    ("model(X.T)", ValueError, r"got input of shape \(2, 4\): the last axis must have size 2"),
    ("model('abc')", TypeError, "such as 'abc': numbers that are written as text"),
    ("model(DataFrame({'a': ['x'], 'b': [1]}))", TypeError, "such as 'x'"),
    ("model(None)", TypeError, "such as None"),
    ("model.predict(X[0])", ValueError, r"of one sample x take x\[None\]"),
    ("nn.predict(X, model)", TypeError, "the model is a Module, an instance of one, and this is a ndarray"),
    ("nn.plot_regions(X, y, model)", TypeError, r"plot_regions\(model, X, y\)"),
    ("nn.save('m', model)", TypeError, "the model comes first"),
    ("nn.save(model, path / 'nowhere' / 'm')", FileNotFoundError, "there is no directory .*nowhere"),
    ("nn.load('m')", TypeError, "build the model as it was and give it"),
    ("nn.mse(model(X), y[:, 0])", ValueError, r"target.reshape\(\(4, 1\)\)"),
    ("nn.mse(y, model(X))", TypeError, "are the arguments swapped"),
    ("nn.cross_entropy(model(X), labels)", ValueError, "take bce_with_logits"),
    ("nn.bce(model(X), y)", ValueError, "of logits take bce_with_logits"),
    ("fit(model, y, X)", ValueError, "the last axis must have size 2"),
    ("fit(model, (X, y))", TypeError, "y is missing"),
    ("fit(model, 'iris.csv')", TypeError, "read the file first, with numpy.loadtxt or pandas.read_csv"),
    ("fit(model, X.astype(str), y)", TypeError, r"such as '[01].0': .*astype\(float\)"),
    ("fit(model, X, y[:2])", ValueError, "X has 4 samples and y 2"),
    ("nn.fit(model, X, y)", TypeError, "'loss' and 'epochs'"),
    # Tensor and Value
    ("Tensor(1, 2, 3)", TypeError, "several numbers go in as one list"),
    ("Tensor([1, None])", TypeError, "real numbers, not object, such as None"),
    ("Tensor([v, v])", TypeError, "lists of Tensors go through np.stack, Values through .data"),
    ("Tensor([1.0], dtype=int)", TypeError, "floating-point numbers, they alone have derivatives"),
    ("w.__setitem__(0, 3)", TypeError, r"t.at\[index\].set\(value\)"),
    ("(w * 2).backward()", ValueError, r"take a scalar \(.sum\(\), .mean\(\)\)"),
    ("(t * 2).sum().backward()", RuntimeError, "nothing that this was computed from requires a gradient"),
    ("math.exp(w.sum())", TypeError, "use np.exp instead of math.exp"),
    ("np.array([w[0], w[1]])", TypeError, r"np.stack\(\[a, b\]\)"),
    ("Value([1, 2])", TypeError, "holds one number, and a list is none: a Tensor holds several"),
    ("Value('a')", ValueError, "holds one number, and 'a' is none"),
    ("Value(None)", TypeError, "holds one number, and a NoneType is none"),
    ("setattr(v, 'data', [1])", TypeError, "holds one number, and a list is none"),
    ("v * w", TypeError, "do not mix"),
    ("v * np.ones(2)", TypeError, "use a Tensor for arrays"),
    ("v.zero_grad()", AttributeError, "write v.grad = 0.0"),
]  # fmt: skip


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty directory, one for all lines."""
    return tmp_path_factory.mktemp("beginners")


@pytest.mark.parametrize("line", WORKS)
def test_what_simply_works(line: str, path: Path) -> None:
    assert eval(line, names(path)) == WORKS[line]


@pytest.mark.parametrize(("line", "kind", "words"), REFUSED)
def test_what_is_answered(line: str, kind: type[Exception], words: str, path: Path) -> None:
    with pytest.raises(kind, match=words) as found:
        eval(line, names(path))
    assert len(str(found.value)) < 400  # it is read


def test_a_tensor_has_numpys_size_and_shape() -> None:
    """PyTorch's t.size() stays Python's own error, as it is NumPy's: an int that can be called would be no int."""
    with pytest.raises(TypeError, match="'int' object is not callable"):
        eval("t.size()", names(Path()))
    assert type(Tensor(X).size) is int
