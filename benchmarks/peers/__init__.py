"""The peers: what they are called, where they live, and which functions do the work.

A function that trains takes the case and returns `step()`, which takes one step and returns the loss. A function of
chains takes a number of nodes and returns `forward()` and `backward(y)`, the latter with the derivative as its result.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Peer:
    """One way to do the work. `training`, `scalar` and `chain` are "file:function" in this folder, or empty."""

    key: str
    label: str
    environment: str
    training: str = ""
    scalar: str = ""
    chain: str = ""


PEERS = {
    peer.key: peer
    for peer in (
        Peer("hand", "NumPy by hand", "chainrule-jit", training="hand:training", scalar="hand:scalar"),
        Peer("eager", "chainrule eager", "chainrule-jit", training="eager:training", chain="eager:tensor_chain"),
        Peer("compiled", "chainrule compiled, NumPy", "chainrule-jit", training="compiled:in_numpy"),
        Peer("numba", "chainrule compiled, numba", "chainrule-jit", training="compiled:in_numba"),
        Peer("torch", "PyTorch eager", "torch", training="torch:training", chain="torch:chain"),
        Peer("torch-compile", "torch.compile", "torch", training="torch:compiled"),
        Peer("jax", "JAX jit", "jax", training="jax:training"),
        Peer("hips", "HIPS autograd", "hips", training="hips:training"),
        Peer("mygrad", "MyGrad", "mygrad", training="mygrad:training"),
        Peer("value", "chainrule Value", "chainrule-jit", scalar="eager:scalar", chain="eager:value_chain"),
        Peer("value-compiled", "chainrule Value compiled", "chainrule-jit", scalar="compiled:scalar"),
        Peer("micrograd", "micrograd", "micrograd", scalar="micrograd:scalar", chain="micrograd:chain"),
    )
}
REFERENCE = "hand"
