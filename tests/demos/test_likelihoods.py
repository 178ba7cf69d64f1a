"""The likelihoods of the tour beside other people's: statsmodels, scikit-learn, and numbers on the page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from demos.course import run

pytest.importorskip("matplotlib", reason="the programs draw with matplotlib, of the extra demos")
pytest.importorskip("scipy", reason="it fits the models, of the extra demos")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return run("likelihoods", tmp_path_factory.mktemp("out"))


def test_the_truth_is_within_three_standard_errors(found: dict[str, Any]) -> None:
    for kind, truth in (("of_counts", [0.5, 0.8, np.log(0.6)]), ("of_line", [1.0, -0.7])):
        off = np.abs(found[kind][: len(truth)] - truth) / found[f"errors_{kind}"][: len(truth)]
        assert np.all(off < 3), kind
    least_squares = np.polyfit(found["t"], found["y"], 1)
    assert abs(least_squares[0] + 0.7) > 5 * abs(found["of_line"][1] + 0.7)  # the outliers bend that one


def test_it_leaves_its_picture(tmp_path: Path) -> None:
    run("likelihoods", tmp_path)
    assert [path.name for path in (tmp_path / "likelihoods").iterdir()] == ["likelihoods.png"]


def test_counts_as_in_statsmodels(found: dict[str, Any]) -> None:
    api = pytest.importorskip("statsmodels.api", reason="an optional oracle: pip install statsmodels")
    theirs = api.NegativeBinomial(found["counts"], api.add_constant(found["x"])).fit(disp=0, method="newton")
    a, b, log_dispersion = found["of_counts"]
    np.testing.assert_allclose(theirs.params, [a, b, np.exp(log_dispersion)], rtol=1e-5)
    errors = found["errors_of_counts"] * [1, 1, np.exp(log_dispersion)]  # d exp(l) = exp(l) dl
    np.testing.assert_allclose(theirs.bse, errors, rtol=1e-4)


def test_outliers_as_in_statsmodels(found: dict[str, Any]) -> None:
    tmodel = pytest.importorskip("statsmodels.miscmodels.tmodel", reason="an optional oracle: pip install statsmodels")
    exog = np.stack([np.ones(200), found["t"]], axis=1)
    theirs = tmodel.TLinearModel(found["y"], exog).fit(disp=0, start_params=[1, -0.7, 2, 0.3], method="bfgs", gtol=1e-8)
    a, b, log_scale, log_df = found["of_line"]
    np.testing.assert_allclose(theirs.params, [a, b, np.exp(log_df), np.exp(log_scale)], rtol=1e-4)
    order = [0, 1, 3, 2]
    errors = found["errors_of_line"][order] * [1, 1, np.exp(log_df), np.exp(log_scale)]
    np.testing.assert_allclose(theirs.bse, errors, rtol=1e-2)


def test_the_process_as_in_scikit_learn(found: dict[str, Any]) -> None:
    gaussian = pytest.importorskip("sklearn.gaussian_process")
    kernels = gaussian.kernels
    height, length, noise = np.exp(found["of_process"])
    kernel = kernels.ConstantKernel(height**2) * kernels.RBF(length) + kernels.WhiteKernel(noise**2)
    theirs = gaussian.GaussianProcessRegressor(kernel, alpha=0, optimizer=None).fit(found["u"][:, None], found["z"])
    y, slope = theirs.log_marginal_likelihood(kernel.theta, eval_gradient=True)
    assert -found["process"](found["of_process"]) == pytest.approx(y, rel=1e-9)
    np.testing.assert_allclose(slope, 0, atol=1e-4)
