"""A step by chunks: each chunk's gradient alone, summed in a fixed tree, in one process or in several. See `parallel`.

So any number of processes gives the same bits. Sums and counts are added up and divided once: a mean of means would be
wrong where chunks differ in size or weight.
"""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from autograd import Tensor, anew, asarray, depends_on

from .. import across
from ..data import Batches
from ..layers.normalization import BatchNorm
from ..module import Buffer
from ..optim.clipping import clip_grad_norm
from ..parallel import Team, packed, tree, unpacked
from ..predicting import arrays, joined
from ..samples import applied, mapped, named, samples
from .diverging import DivergedError
from .epochs import Trainer
from .feeding import Given
from .lockstep import in_lockstep
from .measuring import Logs, Measured, Part, loss_of
from .run import Run


@dataclass
class ChunkedTrainer(Trainer):
    """Trains by chunks. A batch (x, target) is here this rank's share of it, (None, None) if it has none."""

    team: Team = field(default_factory=Team)
    total: int = 0  # how many samples the batch has, over all ranks

    def shares(self, batches: Batches | Given) -> Iterator[tuple[Any, Any]]:
        """Of every batch the samples of this rank: of what is read by position no others are read."""
        first, end = self.team.own.start, self.team.own.stop
        if isinstance(batches, Batches):
            for which in batches.positions():
                ends = self.team.bounds(len(which))
                self.total, own = len(which), which[ends[first] : ends[end]]
                yield samples(batches.data, own) if len(own) else (None, None)
        else:
            for batch in batches:
                self.total = rows(batch)
                ends = self.team.bounds(self.total)
                yield part_of(batch, ends[first], ends[end]) if ends[first] < ends[end] else (None, None)

    def step(self, x: Any, target: Any) -> tuple[Tensor, Any, Any, Any]:  # type: ignore[override]
        """Of one chunk the loss, if there are metrics the prediction, the terms, and gradients, see `terms_of`."""
        model, optimizer = self.run.model, self.run.optimizer
        depends_on({"loss": self.loss, "model": model, "optimizer": optimizer})
        prediction = applied(model, x)
        loss, parts, meanings = loss_of(self.loss, prediction, target, x if self.of_input else None)
        if self.metrics:
            anew(self.notice, meanings)
        gradients = []
        for term in terms_of(loss, parts, rows((x, target))):
            optimizer.zero_grad()
            term.backward()
            gradients.append([p.grad for p in optimizer.params])
        return loss, prediction if self.metrics else None, [tuple(part) for part in parts], gradients

    def take(self, *batch: Any) -> tuple[Any, Any, Any]:
        """A step with all chunks: the loss of the whole batch and its terms, and the predictions of this share."""
        team = self.team
        ends = team.bounds(self.total)
        filled = [ends[c] < ends[c + 1] for c in range(team.chunks)]
        before = self.buffers()
        told: dict[int, Any] = {}  # of every chunk: its terms, which parameters have gradients, and what layers follow
        vectors: dict[int, list[dict[str, Any]]] = {}
        predictions = []
        for c, ((terms, has, vectors[c], prediction), statistics) in self.passes(batch, ends).items():
            told[c] = terms, has, self.named(statistics)
            predictions += [prediction] if self.metrics else []
        for name, numbers in self.buffers().items():
            if not np.array_equal(numbers, before[name], equal_nan=True):
                raise ValueError(
                    f"fit: {name} is changed in each forward pass, and chunks= and comm= make one for each chunk, of "
                    "which every rank has others: change it in a callback, from what all ranks know"
                )
        for others in team.every(told):
            told |= others
        parts = together({c: terms for c, (terms, _, _) in told.items()}, team.chunks)
        loss = np.float64(sum(part.value.item() for part in parts if part.value is not None))
        self.check_all(loss, told, batch)
        layers: dict[str, Any] = dict(self.run.model.named_modules())
        for name, statistics in told[filled.index(True)][2]:
            layers[name].follow(*statistics)
        self.update(vectors, told, parts, filled)
        return loss, joined(predictions) if predictions else None, parts

    def passes(self, batch: Any, ends: list[int]) -> dict[int, tuple[Any, list[Any]]]:
        """What `of_chunk` gives for each chunk of this rank, and the statistics that its layers took in it."""
        at = ends[self.team.own.start]
        own = {c: part_of(batch, ends[c] - at, ends[c + 1] - at) for c in self.team.own if ends[c] < ends[c + 1]}
        try:
            with self.drawing() as turn:
                if any(isinstance(m, BatchNorm) and m.training and not m.frozen for m in self.run.model.modules()):
                    calls = {c: functools.partial(self.of_chunk, self.step, *part) for c, part in own.items()}
                    return in_lockstep(self.team, calls, turn)
                take, made = super().take, {}
                for c, part in own.items():
                    with turn(c), across.alone():
                        made[c] = self.of_chunk(take, *part), list[Any]()
                return made
        except FloatingPointError as error:
            if self.team.size == 1:
                raise
            raise ArithmeticError(str(error)) from error  # no DivergedError, which all ranks would have to raise

    def of_chunk(self, step: Callable[..., Any], x: Any, target: Any) -> tuple[Any, ...]:
        """The terms of the loss of a chunk, which gradients each has, these as vectors, and the prediction."""
        loss, prediction, parts, gradients = step(x, target)
        value = loss.item()
        terms = [(value if term is None else term.item(), by if by is None or type(by) is int else float(by))
                 for term, by in parts]  # fmt: skip
        vectors = [packed(one, self.run.optimizer.params) for one in gradients]
        self.run.optimizer.zero_grad()
        has = [[g is not None for g in one] for one in gradients]
        return terms, has, vectors, arrays(prediction) if self.metrics else None

    def named(self, statistics: list[Any]) -> list[Any]:
        """What layers took in a chunk, with their names: each rank has layers of its own."""
        names = {id(module): name for name, module in self.run.model.named_modules()}
        if any(id(layer) not in names for layer, _ in statistics):
            across.refuse()
        return [(names[id(layer)], numbers) for layer, numbers in statistics]

    def buffers(self) -> dict[str, Any]:
        """The numbers of all buffers of the model, which are no parameters."""
        return {name: np.array(t.numpy()) for name, t in self.run.model.named_tensors() if isinstance(t, Buffer)}

    def check_all(self, loss: Any, told: dict[int, Any], batch: Any) -> None:
        """Raise the DivergedError of the first rank that has one, on all of them."""
        if np.isfinite(loss):
            return
        broken = [c for c, (terms, *_) in told.items() if not np.isfinite([value for value, _ in terms]).all()]
        error = None
        if not broken or any(c in self.team.own for c in broken):
            try:
                self.check_loss(loss, *batch)
            except DivergedError as found:
                error = str(found), found.epoch, found.batch, found.layer
        found_by_all = [one for one in self.team.every(error) if one is not None]
        raise DivergedError(*found_by_all[0], self.run.history)

    def update(self, vectors: dict[int, Any], told: dict[int, Any], parts: list[Part], filled: list[bool]) -> None:
        """A step of the optimizer with the gradients of all chunks."""
        optimizer = self.run.optimizer
        means: list[list[Any]] = []
        for i, by in enumerate(divisors(parts, self.total)):
            sums = {}
            for dtype in sorted({p.dtype.str for p in optimizer.params}):
                total = self.team.sum({c: each[i][dtype] for c, each in vectors.items()}, filled)
                sums[dtype] = total / total.dtype.type(by) if by else total
            has = [any(some) for some in zip(*(masks[i] for _, masks, _ in told.values()))]
            means.append([g if there else None for g, there in zip(unpacked(sums, optimizer.params), has)])
        for param, *grads in zip(optimizer.params, *means):
            there = [g for g in grads if g is not None]
            param.grad = sum(there[1:], there[0]) if there else None
        if self.clip_norm is not None:
            clip_grad_norm(optimizer.params, self.clip_norm)
        optimizer.step()

    @contextmanager
    def drawing(self) -> Iterator[Any]:
        """Every layer that draws at random has numbers of its own for each step and chunk, whichever rank it is on.

        So has every chunk its gradients while it runs: a block `turn(chunk)` begins with what its last one left.
        """
        generators = {id(rng): rng for rng in self.run.generators().values()}.values()
        keys = [int(rng.integers(2**63)) for rng in generators]
        after = [rng.bit_generator.state for rng in generators]
        params = self.run.optimizer.params
        left: dict[int, Any] = {}

        @contextmanager
        def turn(chunk: int) -> Iterator[None]:
            bits = [rng.bit_generator for rng in generators]
            if chunk not in left:
                first = [type(own)(np.random.SeedSequence([key, chunk])).state for own, key in zip(bits, keys)]
                left[chunk] = first, [None] * len(params)
            states, grads = left[chunk]
            for own, state in zip(bits, states):
                own.state = state
            for param, grad in zip(params, grads):
                param.grad = grad
            yield
            left[chunk] = [own.state for own in bits], [param.grad for param in params]

        try:
            yield turn
        finally:
            for rng, state in zip(generators, after):
                rng.bit_generator.state = state

    def train(self, batches: Any) -> Logs:
        """An epoch."""
        return super().train(self.shares(batches))

    def complete(self, measured: Measured) -> None:
        """Put the predictions of all ranks together."""
        if not self.metrics or self.team.size == 1:
            return
        self.meanings = self.team.from_rank(self.team.size - 1, self.meanings)  # the last chunk is never empty
        every = self.team.every((measured.predictions, measured.targets))
        measured.predictions, measured.targets = (
            [joined([part for part in parts if part is not None]) for parts in zip(*lists)] for lists in zip(*every)
        )

    def evaluate(self, batches: Any) -> Logs:
        """The numbers of validation. Batches go to the ranks in turn, whole: so nothing rounds in another way."""
        return super().evaluate(self.turns(batches))

    def turns(self, batches: Batches | Given) -> Iterator[tuple[Any, Any]]:
        """The batches of this rank."""
        rank, size = self.team.rank, self.team.size
        if isinstance(batches, Batches):
            for which in itertools.islice(batches.positions(), rank, None, size):
                yield samples(batches.data, which)
        else:
            yield from itertools.islice(batches, rank, None, size)

    def gather(self, measured: Measured) -> None:
        """Put the batches of validation of all ranks together, in their order."""
        every = self.team.every((measured.rows, measured.predictions, measured.targets))
        measured.rows, measured.predictions, measured.targets = map(in_turn, zip(*every))


# --- the terms of a loss, by chunks -------------------------------------------------------------------------------


def groups(parts: Sequence[Part]) -> dict[Any, list[int]]:
    """Which terms have the same divisor: none, the number of samples, or one of their own, as a sum of weights."""
    found: dict[Any, list[int]] = {}
    for i, (_, by) in enumerate(parts):
        found.setdefault("sum" if by is None else "samples" if type(by) is int else i, []).append(i)
    return found


def terms_of(loss: Tensor, parts: Sequence[Part], n: int) -> list[Tensor]:
    """What the gradients of a chunk of `n` samples are of: for each group the sum before the division."""
    terms = []
    for kind, members in groups(parts).items():
        values = [loss if parts[i].value is None else parts[i].value for i in members]
        by = {"sum": 1, "samples": n}.get(kind) or parts[kind].weight
        terms.append(functools.reduce(operator.add, values) * asarray(by, loss.dtype))
    return terms


def divisors(parts: Sequence[Part], n: int) -> list[float]:
    """What the sums of the gradients of all chunks, `n` samples, are divided by, for each group."""
    return [{"sum": 1, "samples": n}.get(kind) or parts[kind].weight for kind in groups(parts)]


def together(terms: Mapping[int, Sequence[tuple[float, Any]]], chunks: int) -> list[Part]:
    """The terms of the loss of a batch, from those of its chunks."""
    found = []
    for each in zip(*(terms[c] for c in sorted(terms)), strict=True):
        spans = [(c, c + 1) for c in sorted(terms)]
        summed: Any = {s: value if by is None else value * by if by else 0.0 for s, (value, by) in zip(spans, each)}
        total = tree(summed, 0, chunks)
        by: Any = None if each[0][1] is None else tree(dict(zip(spans, (by for _, by in each))), 0, chunks)
        value: Any = np.float64(total if by is None else total / by if by else 0.0)
        found.append(Part(value, by))
    return found


# --- batches and shares -------------------------------------------------------------------------------------------


def rows(batch: Any) -> int:
    """The number of samples in a batch."""
    return len(next(named("x", batch[0]))[1])


def part_of(batch: Any, first: int, end: int) -> Any:
    """Some rows of a batch, in memory of their own: how BLAS rounds may depend on where an array begins."""
    return tuple(mapped(lambda array: np.array(array[first:end], order="C"), part) for part in batch)


def in_turn(lists: Sequence[list[Any]]) -> list[Any]:
    """One of each list, then the next one of each."""
    missing = object()
    return [x for turn in itertools.zip_longest(*lists, fillvalue=missing) for x in turn if x is not missing]


def begin_equal(run: Run, team: Team) -> None:
    """Give all ranks what rank 0 begins with. Raises ValueError if a rank was given other arguments."""
    if team.size == 1:
        return
    first = team.from_rank(0, run.settings)
    wrong = [f"{name} is {first[name]!r} on rank 0 and {own!r} here" for name, own in run.settings.items()
             if first.get(name) != own]  # fmt: skip
    if wrong:
        raise ValueError(f"fit: rank {team.rank} was given other arguments than rank 0: {'; '.join(wrong)}")
    state = team.from_rank(0, run.state_dict() if team.rank == 0 else {})
    if team.rank:
        run.restore(state)
