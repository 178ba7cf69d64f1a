"""What PyTorch calls the methods of arrays, and what they are here: the answers to those who type its names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

# what a tensor lacks, and the expression to write instead; each is evaluated by the tests
METHODS: dict[str, str] = {
    "abs": "abs(t)",
    "add": "t + 1",
    "arange": "np.arange(3)",
    "argwhere": "np.argwhere(t.data)",
    "bmm": "t @ t.mT",
    "ceil": "np.ceil(t.data)",
    "clamp": "t.clip(0, 1)",
    "clone": "t.copy()",
    "contiguous": "t",
    "cpu": "t",
    "cuda": "t",
    "detach_": "t.detach()",
    "dim": "t.ndim",
    "div": "t / 2",
    "double": "t.astype(np.float64)",
    "eq": "t == t",
    "erf": "autograd.erf(t)",
    "expand": "np.broadcast_to(t, (2, 2, 2))",
    "expand_as": "np.broadcast_to(t, (2, 2, 2))",
    "float": "t.astype(np.float32)",
    "floor": "np.floor(t.data)",
    "gather": "np.take_along_axis(t, indices, axis=0)",
    "gt": "t > 0",
    "half": "t.astype(np.float16)",
    "index_select": "t.take(indices, axis=0)",
    "int": "t.astype(int)",
    "is_cuda": "t",
    "isnan": "np.isnan(t.data)",
    "log_softmax": "autograd.log_softmax(t, axis=-1)",
    "logsumexp": "autograd.logsumexp(t, axis=-1)",
    "long": "t.astype(int)",
    "lt": "t < 1",
    "masked_fill": "np.where(mask, 0, t)",
    "matmul": "t @ t",
    "maximum": "np.maximum(t, 0)",
    "median": "np.median(t)",
    "minimum": "np.minimum(t, 0)",
    "mm": "t @ t",
    "mul": "t * 2",
    "neg": "-t",
    "nelement": "t.size",
    "norm": "np.linalg.norm(t)",
    "numel": "t.size",
    "permute": "t.transpose(1, 0)",
    "pow": "t ** 2",
    "requires_grad_": "Tensor(t.data, requires_grad=True)",
    "softmax": "autograd.softmax(t, axis=-1)",
    "softplus": "autograd.softplus(t)",
    "sub": "t - 1",
    "t": "t.T",
    "tile": "np.tile(t, 2)",
    "to": "t.astype(np.float64)",
    "type": "t.astype(np.float64)",
    "unsqueeze": "np.expand_dims(t, 0)",
    "view": "t.reshape(4, -1)",
    "view_as": "t.reshape(4, -1)",
    "append": "np.concatenate([t, t])",
    "zero_": "t * 0",
    "zero_grad": "t.grad = None",
}
# what a Value lacks: names of micrograd and of PyTorch
VALUES: dict[str, str] = {
    "_backward": "v.backward()",
    "_op": "v.fun",
    "_prev": "v.args",
    "gradient": "v.grad",
    "label": "v.name",
    "numpy": "v.data",
    "pow": "v ** 2",
    "tolist": "v.data",
    "value": "v.data",
    "zero_grad": "v.grad = 0.0",
}
# what the package lacks: names of PyTorch, TensorFlow and JAX
NAMES: dict[str, str] = {
    "Function": "primitive, partials and pullbacks: a function of your own has its derivative in the table",
    "GradientTape": "gradients(loss, [w]): every node remembers how it was made, there is no tape to open",
    "Variable": "Tensor(numbers, requires_grad=True)",
    "array": "Tensor(numbers)",
    "backward": "loss.backward()",
    "custom_jvp": "primitive and partials",
    "custom_vjp": "primitive and pullbacks",
    "from_numpy": "Tensor(array)",
    "functional": "grad, jacobian, hessian, vjp, jvp: they stand in autograd itself",
    "gradient": "gradients(loss, [w]), or grad(f)",
    "gradcheck": "check_grads(f, x)",
    "jacfwd": "jacobian(f)",
    "jacrev": "jacobian(f)",
    "jit": "compile(f)",
    "manual_seed": "np.random.default_rng(seed), and pass it on as rng=",
    "nn": "import nn: it is a package of its own",
    "ones": "Tensor(np.ones(shape))",
    "optim": "import nn, and nn.Adam: the optimizers are in nn",
    "rand": "Tensor(rng.random(shape)), with rng = np.random.default_rng(0)",
    "randn": "Tensor(rng.normal(size=shape)), with rng = np.random.default_rng(0)",
    "set_grad_enabled": "no_grad() or enable_grad()",
    "stop_gradient": "t.detach()",
    "zeros": "Tensor(np.zeros(shape))",
}
NO_DEVICES = frozenset({"cpu", "cuda", "is_cuda", "contiguous"})  # what has no counterpart, and needs none
KEYWORDS = {"dim": "axis", "keepdim": "keepdims"}


class Missing:
    """An attribute that is not there: who asks for it is told what to write instead."""

    __slots__ = ("hint", "name", "owner")

    def __init__(self, name: str, instead: str) -> None:
        self.name = name
        self.hint = "leave it out, there is one device" if name in NO_DEVICES else f"write {instead}"

    def __set_name__(self, owner: type, name: str) -> None:
        self.owner = owner

    def __get__(self, node: Any, kind: type) -> Any:
        if hasattr(super(self.owner, kind), self.name):  # another base has it: class Mine(Tensor, Other)
            return getattr(super(self.owner, kind if node is None else node), self.name)
        raise AttributeError(f"{kind.__name__!r} object has no attribute {self.name!r}: {self.hint}", name=self.name)


if TYPE_CHECKING:  # for a checker of types, what is missing is missing

    class MissingMethods:
        """What tensors lack."""

    class MissingInValues:
        """What Values lack."""

else:

    def lacking(known: Mapping[str, str]) -> type:
        """A base class that answers these names. With a `__getattr__` a class would read all its attributes slower."""

        def __dir__(self: Any) -> list[str]:
            return [name for name in object.__dir__(self) if name not in known or hasattr(self, name)]

        answers = {name: Missing(name, instead) for name, instead in known.items()}
        return type("Lacking", (), {"__slots__": (), "__dir__": __dir__, **answers})

    MissingMethods, MissingInValues = lacking(METHODS), lacking(VALUES)


def missing(name: str) -> AttributeError:
    """The error for a name that the package does not have."""
    hint = f": write {NAMES[name]}" if name in NAMES else ""
    if not hint and not name.startswith("_") and callable(getattr(np, name, None)):
        hint = f": write np.{name}, NumPy's own functions take nodes"
    return AttributeError(f"module 'autograd' has no attribute {name!r}{hint}", name=name)


def refuse_synonyms(method: str, keywords: Iterable[str]) -> None:
    """Raise TypeError if there are keywords that NumPy has under another name, and say that name."""
    known = [f"{KEYWORDS[name]}= for {name}=" for name in keywords if name in KEYWORDS]
    if known:
        raise TypeError(f"{method}: as in NumPy, write {', '.join(known)}")


def numpys_name(error: str) -> str:
    """What to add to an error of Python's about a keyword that NumPy has under another name."""
    return next((f": write {own}=" for name, own in KEYWORDS.items() if error.endswith(f"argument '{name}'")), "")


def refuse_others(method: str, keywords: Iterable[str]) -> None:
    """Raise TypeError if there are any keywords at all, and name NumPy's if there is one."""
    refuse_synonyms(method, keywords)
    for name in keywords:
        raise TypeError(f"{method} got an unexpected keyword argument {name!r}")
