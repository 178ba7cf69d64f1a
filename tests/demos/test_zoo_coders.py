"""Auto encoders: their errors are computed again, and held against the best that something simpler can do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from demos.course import run

pytest.importorskip("matplotlib", reason="the programs draw with matplotlib, of the extra demos")
pytest.importorskip("sklearn", reason="the programs read digits from scikit-learn, of the extra demos")


@pytest.mark.slow
def test_autoencoder(tmp_path: Path) -> None:
    from sklearn.decomposition import PCA

    found = run("autoencoder", tmp_path)
    X, fresh = found["X"].astype(float), found["X_fresh"].astype(float)
    pca = PCA(2).fit(X)
    straight = np.mean((pca.inverse_transform(pca.transform(fresh)) - fresh) ** 2)
    assert np.mean((found["decoder"].predict(found["encoder"].predict(fresh)) - fresh) ** 2) < 0.8 * straight
    assert found["straight"] == pytest.approx(straight, rel=1e-4)
    across = found["D"].numpy().T - pca.components_.T @ pca.components_ @ found["D"].numpy().T  # what leaves the plane
    assert np.linalg.norm(across) < 1e-2 * np.linalg.norm(found["D"].numpy())


@pytest.mark.slow
def test_variational(tmp_path: Path) -> None:
    from sklearn.neighbors import KNeighborsClassifier

    found = run("variational", tmp_path)
    assert found["mean_pixels"] + 2 < found["elbo"] <= found["iwae"]
    x = found["X_fresh"]
    p = np.clip(found["X"].mean(axis=0), 0.001, 0.999)
    assert found["mean_pixels"] == pytest.approx(np.mean(np.sum(x * np.log(p) + (1 - x) * np.log(1 - p), axis=1)))
    m, s = found["m"], np.exp(found["log_s"])
    assert found["formula"] == pytest.approx(np.mean(np.sum((m**2 + s**2 - 1) / 2 - np.log(s), axis=1)), rel=1e-4)
    assert found["thrown"] == pytest.approx(found["formula"], rel=0.01)
    reader = KNeighborsClassifier(5).fit(found["X"], found["y"])  # another one than the program's
    assert np.sum(np.bincount(reader.predict(found["drawn"]), minlength=10) >= 5) >= 8
    assert found["kinds"] >= 8


@pytest.mark.slow
def test_denoising(tmp_path: Path) -> None:
    from sklearn.linear_model import LinearRegression

    found = run("denoising", tmp_path)
    X, fresh, rng = found["X"], found["X_fresh"], np.random.default_rng(7)
    noisy = fresh + rng.normal(0, 0.3, fresh.shape).astype(np.float32)
    many = np.repeat(X, 40, axis=0)
    linear = LinearRegression().fit(many + rng.normal(0, 0.3, many.shape), many).predict(noisy)
    error, of_linear = (np.mean((images - fresh) ** 2) for images in (found["model"].predict(noisy), linear))
    assert error < 0.3 * np.mean((noisy - fresh) ** 2)
    assert error < 0.8 * of_linear
    assert found["error"](found["linear"]) == pytest.approx(of_linear, rel=0.05)


def test_sparse(tmp_path: Path) -> None:
    found = run("sparse", tmp_path)
    activity, plain = found["activity"], found["plain"]
    assert activity.shape == plain.shape == (len(found["X"]), 128)
    assert activity.mean() < 0.1
    assert np.mean(activity > 0.1) < 0.25
    assert plain.mean() > 0.4
    assert found["plain_error"] < found["error"] < 0.005


@pytest.mark.slow
def test_inverse_graphics(tmp_path: Path) -> None:
    from scipy.interpolate import RegularGridInterpolator
    from scipy.stats import linregress

    found = run("inverse_graphics", tmp_path)
    code, angles, fresh = found["codes"]["clamped"][..., 0], found["angles"], found["fresh"]
    assert found["right"] == pytest.approx(linregress(code.ravel(), np.tile(angles, len(fresh))).rvalue ** 2)
    assert found["right"] > 0.95 > found["told"] > 0.8 > max(found["free"])
    mean = np.mean((fresh - found["seen"].mean(axis=0)) ** 2, axis=(0, 2, 3))  # knows the angle, but not the digit
    clamped, free = (np.mean((fresh - found["pictures"][name]) ** 2, axis=(0, 2, 3)) for name in ("clamped", "free"))
    assert np.all(clamped < 0.8 * mean)
    assert np.all(clamped < free)
    assert not {x.tobytes() for x in fresh} & {x.tobytes() for x in found["seen"]}
    between = RegularGridInterpolator((range(10), range(10)), np.pad(fresh[0, 4], 1), bounds_error=False, fill_value=0)
    i, j = np.indices((8, 8)) - 3.5
    for x, angle in zip(fresh[0], np.radians(angles)):  # each pixel shows what was at its place before it was turned
        before = np.stack([np.cos(angle) * i - np.sin(angle) * j, np.sin(angle) * i + np.cos(angle) * j], axis=-1)
        np.testing.assert_allclose(x, between(before + 4.5), atol=1e-6)
