"""Random training steps: a world of a model, its optimizers and its data, what trains it, and what happens in between.

A world is made from a number; made twice it is the same twice. So one can train eagerly and the other compiled.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np

import nn
from autograd import Tensor, softplus
from autograd.trees import leaves

Step = Callable[..., Any]

FEATURES, OUTPUTS = 4, 3


class World:
    """Everything that a step reads and writes. The methods are what may happen to it between two calls."""

    def __init__(self, number: int) -> None:
        self.rng = random.Random(number)
        self.numpy = np.random.default_rng(number)
        self.dtype = self.rng.choice([np.float64, np.float64, np.float32])
        self.size = 5
        self.images = self.rng.random() < 0.2
        self.model = self.made_model()
        self.hooked = [p for p in self.model.parameters() if self.rng.random() < 0.15]
        for p in self.hooked:
            p.register_hook(self.rng.choice([lambda g: g * 0.5, lambda g: None, lambda g: np.clip(g, -0.1, 0.1)]))
        self.scale = self.numpy.uniform(0.5, 1.5, OUTPUTS).astype(self.dtype)  # an array that the step refers to
        self.loss = self.rng.choice([nn.mse, nn.huber, nn.mae, nn.cross_entropy, nn.bce_with_logits])
        normalized = any(isinstance(m, nn.BatchNorm1d) for m in self.model.modules())
        self.smooth = self.dtype is np.float64 and not normalized  # else some gradients are nothing but rounding
        self.penalty = self.rng.choice([None, None, nn.l1 if self.smooth else nn.l2, nn.l2])
        self.clip = self.rng.choice([None, None, nn.clip_grad_norm, nn.clip_grad_value])
        self.accumulates = self.rng.random() < 0.2
        self.returns = self.rng.choice(["loss", "list", "tree", "views", "grads", "nothing"])
        self.optimizers = self.made_optimizers()
        self.schedule = self.made_schedule()
        self.batch = self.made_batch()

    # --- what it is made of -----------------------------------------------------------------------------------------

    def made_layer(self, inputs: int, units: int) -> nn.Module:
        """One layer from so many numbers to so many."""
        rng, dtype = self.rng.randrange(1000), self.dtype
        dense = nn.Dense(inputs, units, self.rng.choice([None, "tanh", "relu", "sigmoid"]), rng=rng, dtype=dtype)
        return self.rng.choice([
            lambda: dense,
            lambda: dense,
            lambda: nn.Dense(inputs, units, bias=False, rng=rng, dtype=dtype),
            lambda: nn.Sequential(dense, nn.Dropout(0.3, rng=rng)),
            lambda: nn.Sequential(dense, nn.BatchNorm1d(units, dtype=dtype)),
            lambda: nn.Sequential(nn.LayerNorm(inputs, dtype=dtype), dense),
            lambda: nn.Sequential(nn.GaussianNoise(0.1, rng=rng), dense),
            lambda: nn.Residual(dense, shortcut=nn.Dense(inputs, units, rng=rng, dtype=dtype)),
            lambda: nn.RBF(inputs, units, rng=rng, dtype=dtype),
        ])()  # fmt: skip

    def made_model(self) -> nn.Module:
        """A small network, with a layer that is used twice, or with a parameter that two layers share."""
        dtype, rng = self.dtype, self.rng.randrange(1000)
        body = [self.made_layer(FEATURES, FEATURES) for _ in range(self.rng.randint(0, 2))]
        if body and self.rng.random() < 0.3:
            body.append(body[0])
        last = nn.Dense(FEATURES, OUTPUTS, rng=rng, dtype=dtype)
        if self.rng.random() < 0.2:
            first = nn.Dense(FEATURES, FEATURES, "tanh", rng=rng, dtype=dtype)
            second = nn.Dense(FEATURES, FEATURES, rng=rng, dtype=dtype)
            second.W = first.W
            body += [first, second]
        if self.images:
            body = [nn.Conv2d(1, 2, 2, rng=rng, dtype=dtype), nn.MaxPool2d(2), nn.Flatten(),
                    nn.Dense(2, FEATURES, "tanh", rng=rng, dtype=dtype), *body]  # fmt: skip
        return nn.Sequential(*body, last)

    def made_optimizers(self) -> list[nn.Optimizer]:
        """One for all parameters, or two, each for some."""
        parameters = self.model.parameters()
        kinds: list[Any] = [
            lambda ps: nn.SGD(ps, lr=0.05),
            lambda ps: nn.SGD(ps, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
            lambda ps: nn.Adagrad(ps, lr=0.05, eps=1e-3),
            lambda ps: nn.Adadelta(ps, eps=1e-3),
        ]
        if self.smooth:  # the others make steps of rounding
            kinds += [
                lambda ps: nn.RMSProp(ps, lr=0.01, momentum=0.5, centered=True, eps=1e-3),
                lambda ps: nn.Adam(ps, lr=0.01, eps=1e-4),
                lambda ps: nn.AdamW(ps, lr=0.01, eps=1e-4, weight_decay=0.1),
                lambda ps: nn.NAdam(ps, lr=0.01, eps=1e-4),
            ]
        if len(parameters) > 1 and self.rng.random() < 0.4:
            half = len(parameters) // 2
            return [self.rng.choice(kinds)(parameters[:half]), self.rng.choice(kinds)(parameters[half:])]
        if len(parameters) > 1 and self.rng.random() < 0.2:
            return [nn.SGD([{"params": parameters[:1], "lr": 0.1}, {"params": parameters[1:]}], lr=0.02)]
        return [self.rng.choice(kinds)(parameters)]

    def made_schedule(self) -> Any:
        """A schedule of the first optimizer, or none."""
        schedule = self.rng.choice([
            None, None, nn.StepLR(2, 0.5), nn.ExponentialLR(0.9),
            nn.LambdaLR(lambda t: 1 / (1 + t)),
        ])  # fmt: skip
        return schedule if schedule is None else schedule.attach(self.optimizers[0])

    def made_batch(self) -> tuple[Any, Any]:
        """Samples and what is wanted of them."""
        shape = (self.size, 1, 3, 3) if self.images else (self.size, FEATURES)
        x = self.numpy.standard_normal(shape)
        if self.rng.random() < 0.3:
            x = np.flip(x, -1)
        if self.loss is nn.cross_entropy:
            return x, self.numpy.integers(0, OUTPUTS, self.size)
        return x, self.numpy.uniform(0.1, 0.9, (self.size, OUTPUTS))

    # --- the functions ----------------------------------------------------------------------------------------------

    def step(self) -> Step:
        """A step of training."""

        def train(x: Any, y: Any) -> Any:
            if not self.accumulates:
                self.model.zero_grad()
            z = self.model(x) * self.scale
            loss = self.loss(z, y)
            if self.penalty is not None:
                loss = loss + 0.01 * self.penalty(self.model.parameters())
            loss.backward()
            norm = None
            if self.clip is not None:
                norm = self.clip(self.model.parameters(), 0.5)
            for optimizer in self.optimizers:
                optimizer.step()
            return self.answer(loss, z, norm)

        return train

    def answer(self, loss: Any, z: Any, norm: Any) -> Any:
        """What a step returns."""
        if self.returns == "nothing":
            return None
        if self.returns == "list":
            return [loss, z, z]
        if self.returns == "tree":
            return {"loss": loss, "more": (z.T, np.flip(z, 0), [z[0], z[:, ::-1]]), "norm": norm}
        if self.returns == "views":
            return z, z.reshape(-1), *np.split(np.exp(z), [1], axis=1)
        if self.returns == "grads":
            return loss, [p.grad for p in self.model.parameters()], [p.detach() for p in self.model.parameters()]
        return loss

    def evaluation(self) -> Step:
        """Another function of the same leaves."""

        def evaluate(x: Any) -> Any:
            z = self.model(x)
            return z, softplus(z).mean()

        return evaluate

    def by_hand(self) -> Step:
        """Another step over the same leaves: descent without an optimizer, which changes them in place."""

        def descend(x: Any, y: Any) -> Any:
            for p in self.model.parameters():
                p.grad = None
            loss = self.loss(self.model(x), y)
            loss.backward()
            for p in self.model.parameters():
                if p.grad is not None:
                    p.data -= 0.01 * p.grad
            return loss

        return descend

    # --- what happens in between ------------------------------------------------------------------------------------

    def nothing(self) -> None:
        """The next batch."""

    def smaller_batch(self) -> None:
        """A batch of another size."""
        self.size = 3 if self.size == 5 else 5

    def numbers_changed(self) -> None:
        """In place, by operator and by assignment."""
        for i, p in enumerate(self.model.parameters()):
            if i % 3 == 0:
                p.data -= 0.01
            elif i % 3 == 1:
                p.data[...] = p.data * 0.9
            else:
                p.data = p.data + 0.01

    def rate_changed(self) -> None:
        """Another rate."""
        self.optimizers[-1].lr *= 0.7

    def scheduled(self) -> None:
        """The schedule's next rate."""
        if self.schedule is not None:
            self.schedule.step()

    def mode_changed(self) -> None:
        """Evaluation, or training again."""
        self.model.train(not self.model.training)

    def layer_replaced(self) -> None:
        """The last layer is another one, which the optimizers learn of."""
        new = nn.Dense(FEATURES, OUTPUTS, rng=self.numpy.integers(1000), dtype=self.dtype)
        self.model.layers = (*self.model.layers[:-1], new)
        self.optimizers = [nn.SGD(self.model.parameters(), lr=0.03, momentum=0.5)]

    def model_replaced(self) -> None:
        """Another model under the same name."""
        self.model = self.made_model()
        self.optimizers = self.made_optimizers()
        self.schedule = None

    def frozen(self) -> None:
        """A parameter needs no gradient any more, or needs it again."""
        p = self.model.parameters()[0]
        p.requires_grad = not p.requires_grad
        p.grad = None

    def gradients_given(self) -> None:
        """Gradients that somebody left."""
        for i, p in enumerate(self.model.parameters()):
            p.grad = None if i % 2 else np.full(p.shape, 0.1, p.dtype)

    def dropout_changed(self) -> None:
        """Another probability."""
        for m in self.model.modules():
            if isinstance(m, nn.Dropout):
                m.p = 0.5 if m.p < 0.4 else 0.1

    def loaded(self) -> None:
        """Numbers of before."""
        self.model.load_state_dict({name: x * 0.5 for name, x in self.model.state_dict().items()})

    def array_changed(self) -> None:
        """The array that the step refers to."""
        self.scale *= 1.1

    def loss_changed(self) -> None:
        """Other penalties and clipping."""
        self.penalty = nn.l2 if self.penalty is None else None
        self.clip = None if self.clip is not None else nn.clip_grad_norm

    # --- to look at -------------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """All numbers, by name."""
        found: dict[str, Any] = {}
        for name, tensor in self.model.named_tensors():
            found[name] = tensor.numpy()
            found[f"gradient of {name}"] = tensor.grad
        for i, optimizer in enumerate(self.optimizers):
            for j, x in enumerate(leaves([optimizer.state, [group.state for group in optimizer.groups]])):
                found[f"state {j} of optimizer {i}"] = x
            found[f"rate of optimizer {i}"] = optimizer.lr
        return found

    def arrays(self) -> list[Any]:
        """The arrays of the caller's that no step may change."""
        return [*self.batch, self.scale]

    def tensors(self) -> list[Tensor]:
        """The leaves."""
        return [tensor for _, tensor in self.model.named_tensors()]


EVENTS: list[Callable[[World], None]] = [
    World.nothing, World.nothing, World.smaller_batch, World.numbers_changed, World.rate_changed, World.scheduled,
    World.mode_changed, World.layer_replaced, World.model_replaced, World.loss_changed, World.frozen,
    World.gradients_given, World.dropout_changed, World.loaded, World.array_changed,
]  # fmt: skip
