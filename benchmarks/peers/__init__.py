"""The peers: what they are called, where they live, and which functions do the work.

A function that trains takes the case and returns `step()`, which takes one step and returns the loss (a number of the
result, where it is a whole fit). A function of chains takes a number of nodes and returns `forward()` and
`backward(y)`, the latter with the derivative as its result. One of whole trainings takes the name of one, trains, and
returns the last loss.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    """One way to do the work. `training` and the five after it are "file:function" in this folder, or empty.

    `settles` are the seconds of steps after which it is as fast as it gets, where that takes longer than the first one.
    """

    key: str
    label: str
    environment: str
    training: str = ""
    model: str = ""
    rows: str = ""
    whole: str = ""
    scalar: str = ""
    chain: str = ""
    settles: float = 0.0


OURS, IN_BLOCKS = "chainrule-jit", "chainrule-dask"
PEERS = {
    peer.key: peer
    for peer in (
        Peer("hand", "NumPy by hand", OURS, training="hand:training", scalar="hand:scalar"),
        Peer("eager", "chainrule eager", OURS, "eager:training", "models:eager", chain="eager:tensor_chain"),
        Peer("compiled", "chainrule compiled", OURS, "compiled:training", "models:compiled", settles=8.0),
        Peer("torch", "PyTorch eager", "torch", "torch:training", "torch_models:eager", chain="torch:chain"),
        Peer("torch-compile", "torch.compile", "torch", "torch:compiled", "torch_models:compiled"),
        Peer("jax", "JAX jit", "jax", "jax:training", "jax_models:compiled", "jax_rows:steps"),
        Peer("hips", "HIPS autograd", "hips", "hips:training"),
        Peer("mygrad", "MyGrad", "mygrad", "mygrad:training"),
        Peer("value", "chainrule Value", OURS, scalar="eager:scalar", chain="eager:value_chain"),
        Peer("value-compiled", "chainrule Value compiled", OURS, scalar="compiled:scalar", settles=8.0),
        Peer("micrograd", "micrograd", "micrograd", scalar="micrograd:scalar", chain="micrograd:chain"),
        Peer("dask", "Dask by hand", IN_BLOCKS, rows="dask:by_hand"),
        Peer("expressions", "chainrule on Dask's arrays", IN_BLOCKS, rows="lazy:expressions"),
        Peer("blocks", "sum_over_blocks", IN_BLOCKS, rows="lazy:blocks"),
        Peer("blocks-compiled", "sum_over_blocks, compiled", IN_BLOCKS, rows="lazy:compiled"),
        Peer("dask-glm", "dask-glm", "dask-glm", rows="dask_glm:steps"),
        Peer("fit", "nn.fit", OURS, whole="trainings:fit"),
        Peer("sklearn", "MLPClassifier", "sklearn", whole="sklearn:fit"),
        Peer("loop", "a loop in PyTorch", "torch", whole="torch_trainings:fit"),
    )
}
REFERENCE = {
    "training": "hand",
    "scalar": "hand",
    "model": "torch",
    "rows": "dask",
    "whole": "loop",
}  # by what is compared
