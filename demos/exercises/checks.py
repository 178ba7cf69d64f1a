"""The twelve exercises in the order of the course, and what each check tries."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import autograd as ag
import nn

from .checking import Exercise, NotYet, Work, array, close, need, pair

EXERCISES: list[Exercise] = []


def exercise(name: str, title: str, trains: str, read: str) -> Callable[[Callable[[Work], None]], None]:
    """Make a check the next exercise."""

    def add(check: Callable[[Work], None]) -> None:
        EXERCISES.append(Exercise(len(EXERCISES) + 1, name, title, trains, read, check))

    return add


@exercise("e01_and", "AND with a perceptron", "the weighted sum, the step, Rosenblatt's rule", "and_or_xor")
def e01(work: Work) -> None:
    """Rosenblatt's rule."""
    w = np.array([1.0, 1.0])
    for x, b, right in (((1, 1), -1.5, 1), ((0, 1), -1.5, 0), ((0, 1), -1.0, 1)):
        got = array("what `answer` gives for one sample", work.answer(w, b, np.array(x)), ())
        edge = ": a sum of exactly 0 counts as 1" if b == -1.0 else ""
        need(got == right, f"`answer` gives {got:g} for w = (1, 1), b = {b}, x = {x}, and {right} is right{edge}")
    w, b = pair("`learn`", work.learn(np.array([[1.0, 2.0]]), np.array([0]), 1), "w, b")
    w, b = array("w", w, (2,)), array("b", b, ())
    if close(w, (1, 2)):
        raise NotYet(
            "w moves the wrong way: where the answer is 1 and the label 0, y - answer is -1, and w has to fall"
        )
    need(close(w, (-1, -2)), f"after one epoch on x = (1, 2) with the label 0, w is (-1, -2) if it began at 0, not {w}")
    need(b != 0, "b does not learn: it moves as a weight does whose input is always 1, by y - answer")
    need(close(b, -1), f"after one epoch on x = (1, 2) with the label 0, b is -1 if it began at 0, not {b:g}")
    X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    for name, labels in {"AND": [0, 0, 0, 1], "OR": [0, 1, 1, 1]}.items():
        w, b = work.learn(X, np.array(labels), 100)
        answers = [int(work.answer(w, b, x)) for x in X]
        need(answers == labels, f"after 100 epochs of {name} it answers {answers}, and {labels} is right")


@exercise("e02_boundary", "Plot the boundary of a perceptron", "the line w x + b = 0; pictures", "bias")
def e02(work: Work) -> None:
    """The line between the classes, and its picture."""
    w, b, x1 = np.array([2.0, 4.0]), -6.0, np.array([-1.0, 0.0, 3.0])
    got = array("what `boundary` gives for three x1", work.boundary(w, b, x1), (3,))
    right = -(b + w[0] * x1) / w[1]
    need(
        not close(got, -right), "`boundary` gives the line mirrored: solve w1 x1 + w2 x2 + b = 0 for x2, minus included"
    )
    need(
        not close(got, -(b + w[1] * x1) / w[0]),
        "`boundary` has the two weights in each other's place: x2 is what is asked for, so it is divided by w2",
    )
    need(
        close(got, right),
        f"at x1 = {x1}, w1 x1 + w2 x2 + b is {w[0] * x1 + w[1] * got + b} on your line: it is to be 0",
    )
    try:
        from matplotlib.figure import Figure
    except ModuleNotFoundError:
        raise NotYet('this exercise needs matplotlib: pip install -e ".[plot]"') from None
    axes: Any = Figure().subplots()
    X, y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 2.0]]), np.array([0, 0, 0, 1])
    work.function("plot")(axes, X, y, w, b)
    curves = [np.column_stack([line.get_xdata(), line.get_ydata()]).astype(float) for line in axes.lines]
    points = [np.asarray(dots.get_offsets()) for dots in axes.collections] + curves
    missing = [x for x in X if not any(len(p) and np.abs(p - x).sum(axis=1).min() < 1e-9 for p in points)]
    need(not missing, f"`plot` does not show the sample {missing[0] if missing else ''}: axes.scatter shows points")
    on = [c for c in curves if len(c) > 1 and close(c @ w + b, 0) and np.ptp(c[:, 0]) > 0]
    need(on, "`plot` shows no line on which w x + b = 0: axes.plot(x1, boundary(w, b, x1)) draws it")
    need(axes.get_xlabel() and axes.get_ylabel(), "the axes have no names: axes.set(xlabel=..., ylabel=...)")


@exercise("e03_layer", "A dense layer of your own", "modules, parameters, shapes", "dense_from_scratch")
def e03(work: Work) -> None:
    """MyDense."""
    layer = work.MyDense(3, 2, np.random.default_rng(0))
    need(isinstance(layer, nn.Module), "MyDense is no module: write `class MyDense(nn.Module)`")
    for name in "W", "b":
        need(hasattr(layer, name), f"the layer has no {name}: set self.{name} in __init__")
        kept = f"self.{name} is an {type(getattr(layer, name)).__name__}, which no optimizer finds: nn.Parameter(...)"
        need(name in dict(layer.named_parameters()), kept)
    need(layer.W.shape == (3, 2), f"W of MyDense(3, 2) has the shape {layer.W.shape}: (inputs, units) is (3, 2)")
    need(layer.b.size == 2, f"b of MyDense(3, 2) has the shape {layer.b.shape}: one number for each of the 2 units")
    W = layer.W.data
    need(np.ptp(W) > 0, "all weights are equal, so all units would learn the same: draw W with rng")
    other = work.MyDense(3, 2, np.random.default_rng(1)).W.data
    need(not close(W, other), "another rng gives the same W: draw it with the rng that __init__ gets")
    X = np.random.default_rng(2).normal(size=(5, 3))
    layer.b = np.full(layer.b.shape, 0.5)
    got = layer(X)
    need(got is not None, "`forward` gives None: does it end with `return`?")
    z = X @ W + 0.5
    values = array("what the layer gives for five samples", got, (5, 2))
    need(not close(values, z, 1e-4), "the layer gives z = x W + b: the sigmoid of it is missing")
    need(not close(values, 1 / (1 + np.exp(0.5 - z)), 1e-4), "the layer forgets b")
    need(close(values, 1 / (1 + np.exp(-z)), 1e-4), "the layer does not give sigmoid(x W + b)")
    need(
        isinstance(got, ag.Tensor),
        "the layer gives an array, through which no gradient comes: compute with self.W itself",
    )
    got.sum().backward()
    for name, parameter in layer.named_parameters():
        need(parameter.grad is not None, f"no gradient arrives at {name}: compute with self.{name}, not with its .data")


@exercise("e04_secant", "A derivative and its secant", "the slope, the limit, the tangent", "secant_and_tangent")
def e04(work: Work) -> None:
    """The slide's parabola."""
    got = array("what `secant` gives", work.secant(lambda x: x**2 / 4 - 2 * x + 5, 6.0, 2.0), ())
    need(
        not close(got, 3),
        "`secant` gives 3 for the slide's function at 6 with h = 2: that is Δy, not yet divided by Δx",
    )
    need(close(got, 1.5), f"`secant` gives {got:g} for the slide's function at 6 with h = 2, where the slide has 1.5")
    got = array("what `secant` gives", work.secant(np.sin, 1.0, 0.5), ())
    need(close(got, (np.sin(1.5) - np.sin(1)) / 0.5), f"`secant` of np.sin at 1 with h = 0.5 is 0.312, and not {got:g}")
    for a in 6.0, 4.0, -2.0:
        got = array("what `derivative` gives", work.derivative(a), ())
        need(not close(got, a / 2), "`derivative` forgets a term: what is the derivative of -2x?")
        near = (work.f(a + 1e-6) - work.f(a - 1e-6)) / 2e-6
        need(close(got, near, 1e-4), f"`derivative` gives {got:g} at {a:g}, and secants come near {near:.3f} there")
    got = array("what `tangent` gives", work.tangent(6.0, 6.0), ())
    need(close(got, 2), f"the tangent at 6 is to touch the curve there, at f(6) = 2, and is at {got:g}")
    got = array("what `tangent` gives", work.tangent(6.0, 8.0), ())
    need(close(got, 4), f"the tangent at 6 rises by its slope for each step in x: at 8 it is at 4, and not at {got:g}")


@exercise("e05_loss", "A loss of your own", "the log loss, its sign, means", "punishes_large_errors")
def e05(work: Work) -> None:
    """The log loss."""
    p, y = np.array([0.9, 0.2, 0.6, 0.3]), np.array([1.0, 0.0, 0.0, 1.0])
    terms = y * np.log(p), (1 - y) * np.log(1 - p)
    got = array("what `log_loss` gives for four samples", work.log_loss(ag.Tensor(p, requires_grad=True), y), ())
    right = -np.mean(terms[0] + terms[1])
    for n in 1, 4:
        need(
            not close(got, -n * np.mean(terms[0] - terms[1])),
            "the sign of the second term is wrong, as on the slide: both logarithms are negative, and the one minus in "
            "front of both makes the loss positive",
        )
        need(
            not close(got, -n * right),
            "the loss is negative: logarithms of probabilities are, so a minus goes in front",
        )
    need(
        not close(got, 4 * right),
        "that is the sum over the samples: take the mean, so that their number does not matter",
    )
    need(
        not close(got, -np.mean(terms[0])),
        "the samples with y = 0 do not count: the term (1 - y) log(1 - p) is missing",
    )
    need(close(got, right), f"for p = {p} and y = {y} it gives {got:.4f}, and {right:.4f} is right")
    tensor = ag.Tensor(p, requires_grad=True)
    loss = work.log_loss(tensor, y)
    cut = "no gradient goes through the loss: use p itself and NumPy's functions, not p.data, float() or math.log"
    need(isinstance(loss, ag.Tensor) and loss.requires_grad, cut)
    loss.backward()
    need(
        close(tensor.grad, (p - y) / (p * (1 - p)) / 4),
        f"its gradient by p is {tensor.grad}, which is not that of the log loss",
    )


@exercise("e06_nan", "Find the NaN", "debug.detect_nan, softmax, infinities", "exclusive")
def e06(work: Work) -> None:
    """Softmax overflows."""
    said = work.culprit()
    name = str(getattr(said, "__name__", said)).removeprefix("np.").removesuffix("()").strip()
    late = "it gets numbers that are not finite: which operation made the first of them? ag.debug.detect_nan() tells"
    need(
        name not in ("divide", "true_divide", "log", "sum", "mean", "negative", "getitem"),
        f"{name} is too late: {late}",
    )
    need(
        name == "exp",
        f"{name!r} is not what makes the first number that is not finite: run it inside ag.debug.detect_nan()",
    )
    z = np.array([[1.0, -2.0, 0.5], [0.0, 3.0, 1.0]])
    y = np.array([2, 1])
    logs = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    got = array("what `mended` gives", work.mended(ag.Tensor(z, requires_grad=True), y), ())
    small = -logs[[0, 1], y].mean()
    same = f"for small scores it gives {got:.6f}, and the loss as it was {small:.6f}: it has to be the same function"
    need(close(got, small, 1e-7), same)
    for label, right in ((1, 1000.0), (0, 0.0)):
        big = ag.Tensor([[1000.0, 0.0]], requires_grad=True)
        loss = work.mended(big, np.array([label]))
        got = array("what `mended` gives", loss, ())
        need(np.isfinite(got), f"for the scores (1000, 0) and the class {label} it still gives {got}")
        exact = (
            f"for the scores (1000, 0) and the class {label} it gives {got:g}, and {right:g} is right: nothing may be "
        )
        exact += "clipped or added. What does softmax do if the same number is subtracted from all scores?"
        need(close(got, right, 1e-3), exact)
        need(isinstance(loss, ag.Tensor), "`mended` gives a plain number, through which no gradient comes")
        loss.backward()
        need(np.isfinite(big.grad).all(), f"the loss is finite, but its gradient is {big.grad}")


@exercise("e07_gradients", "The gradient of each weight", "the chain rule through two layers, means", "by_hand")
def e07(work: Work) -> None:
    """Backward by hand."""
    rng = np.random.default_rng(0)
    n = 12
    X, y = rng.normal(size=(n, 3)), rng.integers(0, 2, size=(n, 1)).astype(float)
    W1, b1, W2, b2 = rng.normal(size=(3, 4)), rng.normal(size=(1, 4)), rng.normal(size=(4, 1)), rng.normal(size=(1, 1))
    found = pair("`gradients`", work.gradients(X, y, W1, b1, W2, b2), "dW1, db1, dW2, db2")
    parameters = [ag.Tensor(p, requires_grad=True) for p in (W1, b1, W2, b2)]
    hidden: Any = np.maximum(ag.Tensor(X) @ parameters[0] + parameters[1], 0)
    engine = ag.gradients(nn.bce_with_logits(hidden @ parameters[2] + parameters[3], y), parameters)
    z1 = X @ W1 + b1
    a1 = np.maximum(z1, 0)
    dz2 = (1 / (1 + np.exp(-(a1 @ W2 + b2))) - y) / n
    linear = X.T @ (dz2 @ W2.T), (dz2 @ W2.T).sum(axis=0, keepdims=True)
    for k in (3, 2, 1, 0):  # from the last layer to the first, as they are computed
        name, right = ("dW1", "db1", "dW2", "db2")[k], engine[k]
        got = np.asarray(found[k], dtype=float)
        if got.size == right.size and 1 in right.shape and name[1] == "b":
            got = got.reshape(right.shape)
        transposed = " (transposed?)" if got.T.shape == right.shape else ""
        need(got.shape == right.shape, f"{name} has the shape {got.shape}, and its parameter {right.shape}{transposed}")
        if close(got, n * right):
            raise NotYet(
                f"{name} is {n} times too large, and there are {n} samples: a sum where the mean is due, / m is missing"
            )
        need(not close(got, -right), f"{name} has the wrong sign: dz2 is a2 - y")
        if k < 2 and (close(got, linear[k]) or close(got, n * linear[k])):
            raise NotYet(f"{name} lacks the derivative of relu: where z1 is below 0, nothing goes back")
        off = np.abs(got - right).max()
        where = "begin with dz2 = a2 - y" if k == 3 else "what is nearer to the output is right already"
        need(close(got, right), f"{name} differs from the engine's by up to {off:.2g}: {where}")


@exercise("e08_draw", "Draw a formula of your own", "graphs, names, paths that meet", "chain_rule")
def e08(work: Work) -> None:
    """A formula with names, and its gradients."""
    y = work.formula()
    need(
        isinstance(y, ag.Value),
        f"`formula` gives {type(y).__name__}, and is to give a Value: begin with ag.Value(2.0, name='a')",
    )
    seen: dict[int, Any] = {}
    uses: dict[int, int] = {}
    waiting = [y]
    while waiting:
        node = waiting.pop()
        if id(node) in seen:
            continue
        seen[id(node)] = node
        parents = [arg for arg in node.args if isinstance(arg, ag.Value)]
        for arg in parents:
            uses[id(arg)] = uses.get(id(arg), 0) + 1
        waiting += parents
    operations = [node for node in seen.values() if node.fun is not None]
    leaves = {node.name: node for node in seen.values() if node.fun is None and node.name}
    need(y.name, 'the result has no name: y.name = "y", so that the picture says what it is')
    need(len(leaves) > 1, "the picture needs two numbers with names at least: ag.Value(2.0, name='a')")
    need(len(operations) > 2, f"the formula has {len(operations)} operations: three at least")
    twice = [name for name, leaf in leaves.items() if uses[id(leaf)] > 1]
    need(twice, "no number is used twice: let one go two ways to the result, that is where gradients add up")
    hand = work.by_hand()
    need(isinstance(hand, dict), '`by_hand` is to give a dict: {"a": ..., "b": ...}')
    right = dict(zip(leaves, ag.gradients(y, list(leaves.values()))))
    missing = [name for name in leaves if name not in hand]
    need(not missing, f"`by_hand` says nothing of {', '.join(missing)}")
    for name, gradient in right.items():
        got = array(f"what `by_hand` says of {name}", hand[name], ())
        add = f" ({name} is used more than once: add up what comes along each way)" if name in twice else ""
        need(close(got, gradient, 1e-3), f"by hand d{y.name}/d{name} is {got:g}, and by the engine {gradient:g}{add}")


@exercise("e09_optimizer", "An optimizer of your own", "momentum, state, pure rules", "references")
def e09(work: Work) -> None:
    """Momentum."""
    w = nn.Parameter([1.0, -2.0], dtype=np.float64)
    optimizer = work.Momentum([w], lr=0.1)
    need(isinstance(optimizer, nn.Optimizer), "Momentum is no optimizer: write `class Momentum(nn.Optimizer)`")
    need(
        "velocity" in optimizer.state[0],
        "the state has no velocity: `initial` gives it, {'velocity': zeros like param}",
    )
    before = np.array([1.0, 1.0]), {"velocity": np.array([2.0, 2.0])}
    optimizer.update(before[0], np.array([0.5, 1.0]), before[1])
    changed = not close(before[0], 1) or not close(before[1]["velocity"], 2)
    need(not changed, "`update` changes the arrays that it gets (as += does): compute new ones and return these")
    w0, g = np.array([1.0, -2.0]), np.array([0.5, 1.0])
    place, velocity = w0.copy(), np.zeros(2)
    for step in range(1, 4):
        w.grad = g
        optimizer.step()
        velocity = 0.9 * velocity + g
        place = place - 0.1 * velocity
        got = w.data
        need(not close(got, 2 * w0 - place), "it goes uphill: the step is subtracted, param - lr * velocity")
        if step > 1:
            same = "every step is the same, as without momentum: does `update` return the new velocity, and is "
            same += "it 0.9 times the old one plus the gradient?"
            need(not close(got, w0 - 0.1 * step * g), same)
        need(close(got, place), f"after step {step} with the gradient {g} it is at {got}, and {place} is right")


@exercise("e10_rosenbrock", "The race in Rosenbrock's valley", "loops of one's own, learning rates", "race_rosenbrock")
def e10(work: Work) -> None:
    """From (-1.2, 1) to (1, 1)."""
    for x, y in ((1.0, 1.0), (0.0, 1.0), (2.0, 3.5)):
        got = array("what `rosenbrock` gives", work.rosenbrock(x, y), ())
        right = (1 - x) ** 2 + 100 * (y - x**2) ** 2
        need(
            close(got, right),
            f"`rosenbrock` gives {got:g} at ({x:g}, {y:g}), and (1 - x)² + 100 (y - x²)² is {right:g}",
        )
    path = np.asarray(work.descend(), dtype=float)
    need(
        path.ndim == 2 and path.shape[1] == 2,
        f"`descend` is to give the points one below the other, (steps + 1, 2), not {path.shape}",
    )
    need(close(path[0], (-1.2, 1)), f"the path begins at {path[0]}, and not at the start, (-1.2, 1)")
    still = "all points of the path are the same: append point.data.copy() after each step, and see that zero_grad, "
    still += "backward and step are all there"
    need(len(path) > 2 and np.ptp(path, axis=0).any(), still)
    need(len(path) <= 501, f"the path has {len(path) - 1} steps, and 500 are allowed")
    x, y = path[-1]
    height = (1 - x) ** 2 + 100 * (y - x**2) ** 2
    need(np.isfinite(path).all(), "the path runs away to infinity: a smaller learning rate, or another optimizer")
    far = f"after {len(path) - 1} steps it is at ({x:.3f}, {y:.3f}), where f is {height:.3g}, and below 0.01 is the aim"
    need(height < 1e-2, f"{far}: another rate, or another optimizer?")


@exercise("e11_overfit", "Overfit, and cure it", "validation, early stopping, weight decay", "remedies")
def e11(work: Work) -> None:
    """Thirty noisy points."""
    (X, y), (X_val, y_val) = nn.data.moons(15, noise=0.35, rng=0), nn.data.moons(100, noise=0.35, rng=1)
    fresh = nn.data.moons(1000, noise=0.35, rng=2)
    found = []
    for name, model in ("overfit", work.overfit(X, y)), ("cure", work.cure(X, y, X_val, y_val)):
        need(isinstance(model, nn.Module), f"`{name}` is to give the trained model, not {type(model).__name__}")
        shape = model.predict(X[:1]).shape
        need(
            shape == (1, 2),
            f"the model of `{name}` gives {shape[1:]} numbers for a sample: two, a score for each class",
        )
        found.append([nn.evaluate(model, *data, loss="cross_entropy", metrics="accuracy") for data in ((X, y), fresh)])
    (learned, unseen), (_, cured) = found
    share = f"`overfit` is right on {learned['accuracy']:.0%} of the points that it learned from"
    need(learned["accuracy"] >= 0.96, f"{share}: it does not know them by heart yet. A larger network, more epochs?")
    losses = (
        f"`overfit` has a loss of {learned['loss']:.2f} on its own points and of {unseen['loss']:.2f} on fresh ones"
    )
    need(unseen["loss"] > 2 * learned["loss"] + 0.3, f"{losses}: that is no overfitting yet. More epochs?")
    losses = (
        f"on fresh points the cured model has a loss of {cured['loss']:.2f}, the overfitted one {unseen['loss']:.2f}"
    )
    cures = "early stopping, weight decay, a smaller network"
    need(cured["loss"] < 0.75 * unseen["loss"], f"{losses}: no cure yet. Try {cures}")
    share = f"the cured model is right on {cured['accuracy']:.0%} of fresh points"
    need(cured["accuracy"] > 0.78, f"{share}: it has not learned enough")


@exercise("e12_save", "Save a model and load it", "state, files without code", "digits")
def e12(work: Work) -> None:
    """Saving and loading."""
    X, y = nn.data.xor()
    model = work.build()
    need(isinstance(model, nn.Module), "keep `build` as it was: it makes the network")
    nn.fit(model, X, y, loss="cross_entropy", epochs=5, rng=0, progress=False)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        work.function("save")(model, path)
        need(path.is_file(), "`save` has not written the file that it got the path of")
        try:
            nn.load(work.build(), path)
        except nn.SavedModelError:
            raise NotYet("the file is no safetensors file of this model: nn.save(model, path) writes one") from None
        expected = model.predict(X)
        for p in model.parameters():  # what is loaded has to come from the file
            p.data = np.zeros(p.shape)
        again = work.restore(path)
        need(isinstance(again, nn.Module), f"`restore` is to give the model, not {type(again).__name__}")
        got = again.predict(X)
    need(
        again is not model,
        "`restore` gives the model that is there already: build a new one, and load the file into it",
    )
    fresh = close(got, work.build().predict(X))
    need(not fresh, "`restore` gives a network as it is built, with nothing of the file in it: nn.load(model, path)")
    need(close(got, expected), "the restored model does not predict what the saved one did")
