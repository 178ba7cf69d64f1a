"""Attention: closed forms, torch, masks, gradients, and what they refuse."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from arguments.modules import agree, check_layer

import nn
from autograd import Tensor, check_grads

RNG = np.random.default_rng(17)
QUERY, KEY, VALUE = (RNG.standard_normal((2, positions, 4)) for positions in (3, 5, 5))
MASK = RNG.random((2, 3, 5)) < 0.6
MASK[:, :, 0] = True


# --- The function -------------------------------------------------------------------------------------------------


def test_attention_by_its_definition() -> None:
    weights = np.exp(QUERY @ KEY.swapaxes(1, 2) / 2)  # 2 is the root of the size, 4
    weights /= weights.sum(-1, keepdims=True)
    np.testing.assert_allclose(nn.attention_weights(QUERY, KEY).numpy(), weights, rtol=1e-12)
    found = nn.scaled_dot_product_attention(QUERY, KEY, VALUE)
    np.testing.assert_allclose(found.numpy(), weights @ VALUE, rtol=1e-12)


def test_where_a_query_may_not_look_the_weight_is_exactly_0() -> None:
    weights = nn.attention_weights(QUERY, KEY, MASK).numpy()
    np.testing.assert_array_equal(weights > 0, MASK)
    np.testing.assert_allclose(weights.sum(-1), 1, rtol=1e-14)


def test_causal_attention_does_not_look_ahead() -> None:
    weights = nn.attention_weights(KEY, VALUE, causal=True).numpy()
    np.testing.assert_array_equal(weights > 0, np.broadcast_to(np.tri(5) > 0, (2, 5, 5)))
    both = nn.attention_weights(QUERY, KEY, MASK, causal=True).numpy()
    np.testing.assert_array_equal(both > 0, MASK & (np.tri(3, 5) > 0))


def test_a_query_that_may_look_nowhere_sees_0_and_gets_the_gradient_0() -> None:
    mask = np.array([[True] * 5, [False] * 5, [True] * 5])
    q, k, v = (Tensor(x, requires_grad=True) for x in (QUERY, KEY, VALUE))
    y = nn.scaled_dot_product_attention(q, k, v, mask)
    np.testing.assert_array_equal(y.numpy()[:, 1], np.zeros((2, 4)))
    (y * y).sum().backward()
    np.testing.assert_array_equal(q.grad[:, 1], np.zeros((2, 4)))
    assert all(np.isfinite(t.grad).all() for t in (q, k, v))


def test_what_is_hidden_cannot_matter_even_where_it_is_huge() -> None:
    far = np.array(KEY)
    far[:, 4] = 1e30
    mask = np.array([True] * 4 + [False])
    np.testing.assert_allclose(
        nn.attention_weights(QUERY, far, mask).numpy()[..., :4], nn.attention_weights(QUERY, KEY[:, :4]).numpy(),
        rtol=1e-12,
    )  # fmt: skip


@pytest.mark.parametrize("mask", [None, MASK])
@pytest.mark.parametrize("causal", [False, True])
def test_gradients_of_attention(mask: Any, causal: bool) -> None:
    check_grads(partial(nn.scaled_dot_product_attention, mask=mask, causal=causal), QUERY, KEY, VALUE)


def test_attention_refuses_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match=r"queries of shape \(2, 3, 4\) and keys of shape \(2, 5, 3\)"):
        nn.attention_weights(QUERY, KEY[..., :3])
    with pytest.raises(ValueError, match=r"a mask of shape \(5, 3\) does not broadcast to the scores .* \(2, 3, 5\)"):
        nn.attention_weights(QUERY, KEY, np.ones((5, 3), dtype=bool))
    with pytest.raises(TypeError, match="a mask holds booleans, True where a query may look, not float64"):
        nn.attention_weights(QUERY, KEY, np.ones((3, 5)))


# --- The layer ----------------------------------------------------------------------------------------------------


def test_one_head_is_attention_between_dense_layers() -> None:
    layer: Any = nn.MultiHeadAttention(4, 1, rng=0, dtype=np.float64)
    expected = layer.output(
        nn.scaled_dot_product_attention(layer.query(QUERY), layer.key(KEY), layer.value(VALUE), MASK)
    )
    np.testing.assert_allclose(layer(QUERY, KEY, VALUE, mask=MASK).numpy(), expected.numpy(), rtol=1e-12)


def test_each_head_has_its_own_part_of_the_features() -> None:
    layer: Any = nn.MultiHeadAttention(4, 2, rng=0, dtype=np.float64)
    q, k, v = (projection(QUERY).numpy() for projection in (layer.query, layer.key, layer.value))
    heads = [nn.scaled_dot_product_attention(q[..., i], k[..., i], v[..., i]).numpy() for i in (slice(2), slice(2, 4))]
    np.testing.assert_allclose(layer(QUERY).numpy(), layer.output(np.concatenate(heads, -1)).numpy(), rtol=1e-12)


@pytest.mark.parametrize("options", [{}, {"mask": MASK}, {"mask": MASK[:, :1]}, {"mask": MASK[0]}, {"causal": True}])
def test_multi_head_attention_agrees_with_torch(options: dict[str, Any]) -> None:
    torch = pytest.importorskip("torch", reason="torch is an optional oracle")
    ours: Any = nn.MultiHeadAttention(4, 2, rng=0, dtype=np.float64)
    for dense in (ours.query, ours.key, ours.value, ours.output):
        dense.b.assign(RNG.standard_normal(4))
    theirs = torch.nn.MultiheadAttention(4, 2, batch_first=True, dtype=torch.float64)
    inner = (ours.query, ours.key, ours.value)
    state = {
        "in_proj_weight": np.concatenate([dense.W.numpy().T for dense in inner]),
        "in_proj_bias": np.concatenate([dense.b.numpy() for dense in inner]),
        "out_proj.weight": np.ascontiguousarray(ours.output.W.numpy().T),
        "out_proj.bias": np.array(ours.output.b.numpy()),
    }
    theirs.load_state_dict({name: torch.tensor(array) for name, array in state.items()})
    seen = np.tri(3, 5) > 0 if options.get("causal") else options.get("mask", np.ones((3, 5), dtype=bool))
    hidden = torch.tensor(~np.repeat(np.broadcast_to(seen, (2, 3, 5)), 2, axis=0))  # torch: True is hidden
    ts = [Tensor(x, requires_grad=True) for x in (QUERY, KEY, VALUE)]
    tts = [torch.tensor(x, requires_grad=True) for x in (QUERY, KEY, VALUE)]
    y, (ty, _) = ours(*ts, **options), theirs(*tts, attn_mask=hidden)
    agree(y, ty)
    (y * y).sum().backward()
    (ty * ty).sum().backward()
    for t, tt in zip(ts, tts):
        agree(t.grad, tt.grad)
    agree(np.concatenate([dense.W.grad.T for dense in inner]), theirs.in_proj_weight.grad)
    agree(ours.output.W.grad.T, theirs.out_proj.weight.grad)


def test_gradients_of_multi_head_attention() -> None:
    check_layer(partial(nn.MultiHeadAttention, 4, 2, rng=0), QUERY)
    check_layer(partial(nn.MultiHeadAttention, 4, 2, rng=0), QUERY, KEY, VALUE)


def test_a_position_that_comes_later_does_not_matter_to_causal_attention() -> None:
    layer = nn.MultiHeadAttention(4, 2, rng=0, dtype=np.float64)
    np.testing.assert_allclose(
        layer(KEY, causal=True).numpy()[:, :3], layer(KEY[:, :3], causal=True).numpy(), rtol=1e-12
    )


def test_dropout_of_weights_is_for_training() -> None:
    layer = nn.MultiHeadAttention(4, 2, dropout=0.5, rng=0)
    assert not np.array_equal(layer(QUERY).numpy(), layer(QUERY).numpy())
    layer.eval()
    np.testing.assert_array_equal(layer(QUERY).numpy(), layer(QUERY).numpy())


def test_multi_head_attention_refuses_what_does_not_fit() -> None:
    with pytest.raises(ValueError, match="embed_dim 4 does not divide into 3 heads"):
        nn.MultiHeadAttention(4, 3)
    with pytest.raises(ValueError, match="num_heads must be at least 1, got 0"):
        nn.MultiHeadAttention(4, 0)
    layer = nn.MultiHeadAttention(4, 2)
    message = r"MultiHeadAttention\(4, 2 heads\) got input of shape \(3, 4\): .* must be \(n, positions, 4\)"
    with pytest.raises(ValueError, match=message):
        layer(QUERY[0])
    with pytest.raises(ValueError, match="with the same n"):
        layer(QUERY, KEY[:1])
    with pytest.raises(ValueError, match="there must be one value for each of the 5 keys"):
        layer(QUERY, KEY, VALUE[:, :4])
