"""Functions of SciPy and scikit-learn that support the array API standard, called on a tensor: which run, and right.

As a program, with SCIPY_ARRAY_API=1: for each function "right" if its value is that on the plain array and its gradient
that of central differences, else what stopped it.
"""

from __future__ import annotations

import json
import sys
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.cluster
import scipy.constants
import scipy.integrate
import scipy.linalg
import scipy.signal
import scipy.spatial
import scipy.special
import scipy.stats
import sklearn
import sklearn.decomposition
import sklearn.metrics
import sklearn.metrics.pairwise
import sklearn.preprocessing

from autograd import Tensor

x = np.random.default_rng(0).uniform(0.2, 0.9, 9)
X = np.random.default_rng(1).uniform(0.2, 0.9, (5, 3))
cubature, stats = scipy.integrate.cubature, scipy.stats
pairs, preprocessing = sklearn.metrics.pairwise, sklearn.preprocessing
each = {"multioutput": "raw_values"}

CASES: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "scipy.special.softmax": (scipy.special.softmax, x),
    "scipy.special.log_softmax": (scipy.special.log_softmax, x),
    "scipy.special.logsumexp": (scipy.special.logsumexp, x),
    "scipy.special.gammaln": (scipy.special.gammaln, x),
    "scipy.special.erf": (scipy.special.erf, x),
    "scipy.special.expit": (scipy.special.expit, x),
    "scipy.special.ndtri": (scipy.special.ndtri, x),
    "scipy.special.entr": (scipy.special.entr, x),
    "scipy.special.rel_entr": (lambda t: scipy.special.rel_entr(t, t * t), x),
    "scipy.special.gammainc": (lambda t: scipy.special.gammainc(2.5, t), x),
    "scipy.special.xlogy": (lambda t: scipy.special.xlogy(t, t * t), x),
    "scipy.stats.gmean": (stats.gmean, x),
    "scipy.stats.hmean": (stats.hmean, x),
    "scipy.stats.pmean": (lambda t: stats.pmean(t, 3), x),
    "scipy.stats.moment": (lambda t: stats.moment(t, 3), x),
    "scipy.stats.skew": (stats.skew, x),
    "scipy.stats.kurtosis": (stats.kurtosis, x),
    "scipy.stats.describe": (lambda t: stats.describe(t).variance, x),
    "scipy.stats.kstat": (lambda t: stats.kstat(t, 3), x),
    "scipy.stats.kstatvar": (stats.kstatvar, x),
    "scipy.stats.lmoment": (lambda t: stats.lmoment(t, 2), x),
    "scipy.stats.sem": (stats.sem, x),
    "scipy.stats.gstd": (stats.gstd, x),
    "scipy.stats.tvar": (stats.tvar, x),
    "scipy.stats.tstd": (stats.tstd, x),
    "scipy.stats.tsem": (stats.tsem, x),
    "scipy.stats.tmin": (stats.tmin, x),
    "scipy.stats.tmax": (stats.tmax, x),
    "scipy.stats.trim_mean": (lambda t: stats.trim_mean(t, 0.2), x),
    "scipy.stats.zmap": (lambda t: stats.zmap(t, t * t), x),
    "scipy.stats.zscore": (stats.zscore, x),
    "scipy.stats.variation": (stats.variation, x),
    "scipy.stats.entropy": (stats.entropy, x),
    "scipy.stats.differential_entropy": (stats.differential_entropy, x),
    "scipy.stats.circmean": (stats.circmean, x),
    "scipy.stats.circvar": (stats.circvar, x),
    "scipy.stats.circstd": (stats.circstd, x),
    "scipy.stats.directional_stats": (lambda t: stats.directional_stats(t).mean_resultant_length, X),
    "scipy.stats.boxcox_llf": (lambda t: stats.boxcox_llf(0.5, t), x),
    "scipy.stats.pearsonr": (lambda t: stats.pearsonr(t, t * t).statistic, x),
    "scipy.stats.ttest_1samp": (lambda t: stats.ttest_1samp(t, 0.4).statistic, x),
    "scipy.stats.chisquare": (lambda t: stats.chisquare(t).statistic, x),
    "scipy.stats.quantile": (lambda t: stats.quantile(t, 0.3), x),
    "scipy.integrate.trapezoid": (scipy.integrate.trapezoid, x),
    "scipy.integrate.cumulative_trapezoid": (scipy.integrate.cumulative_trapezoid, x),
    "scipy.integrate.simpson": (scipy.integrate.simpson, x),
    "scipy.integrate.romb": (scipy.integrate.romb, x),
    "scipy.integrate.fixed_quad": (lambda t: scipy.integrate.fixed_quad(lambda s: s * t[0], 0.0, 1.0)[0], x),
    "scipy.integrate.cubature": (lambda t: cubature(lambda s: s[:, 0] ** 2, 0 * t[:1], t[:1]).estimate, x),
    "scipy.cluster.vq.whiten": (scipy.cluster.vq.whiten, X),
    "scipy.constants.convert_temperature": (lambda t: scipy.constants.convert_temperature(t, "C", "F"), x),
    "scipy.constants.lambda2nu": (scipy.constants.lambda2nu, x),
    "scipy.linalg.det": (scipy.linalg.det, X[:3]),
    "scipy.signal.detrend": (scipy.signal.detrend, x),
    "scipy.signal.gauss_spline": (lambda t: scipy.signal.gauss_spline(t, 3), x),
    "scipy.signal.gausspulse": (scipy.signal.gausspulse, x),
    "scipy.signal.zpk2tf": (lambda t: scipy.signal.zpk2tf(t[:2], t[:2], 1.0)[0], x),
    "scipy.signal.bilinear_zpk": (lambda t: scipy.signal.bilinear_zpk(t[:2], t[:3], 1.0, 2.0)[2], x),
    "scipy.spatial.transform.Rotation": (lambda t: scipy.spatial.transform.Rotation.from_rotvec(t).as_matrix(), X),
    "sklearn.metrics.mean_squared_error": (lambda t: sklearn.metrics.mean_squared_error(t, t * t, **each), X),
    "sklearn.metrics.mean_absolute_error": (lambda t: sklearn.metrics.mean_absolute_error(t, t * t, **each), X),
    "sklearn.metrics.mean_squared_log_error": (lambda t: sklearn.metrics.mean_squared_log_error(t, t * t, **each), X),
    "sklearn.metrics.mean_pinball_loss": (lambda t: sklearn.metrics.mean_pinball_loss(t, t * t, **each), X),
    "sklearn.metrics.mean_tweedie_deviance": (lambda t: sklearn.metrics.mean_tweedie_deviance(t, t * t, power=1.5), x),
    "sklearn.metrics.r2_score": (lambda t: sklearn.metrics.r2_score(t, t * t, **each), X),
    "sklearn.metrics.pairwise.euclidean_distances": (lambda t: pairs.euclidean_distances(t, t * t), X),
    "sklearn.metrics.pairwise.paired_euclidean_distances": (lambda t: pairs.paired_euclidean_distances(t, t * t), X),
    "sklearn.metrics.pairwise.paired_manhattan_distances": (lambda t: pairs.paired_manhattan_distances(t, t * t), X),
    "sklearn.metrics.pairwise.cosine_similarity": (lambda t: pairs.cosine_similarity(t, t * t), X),
    "sklearn.metrics.pairwise.linear_kernel": (lambda t: pairs.linear_kernel(t, t * t), X),
    "sklearn.metrics.pairwise.polynomial_kernel": (lambda t: pairs.polynomial_kernel(t, t * t), X),
    "sklearn.metrics.pairwise.sigmoid_kernel": (lambda t: pairs.sigmoid_kernel(t, t * t), X),
    "sklearn.metrics.pairwise.rbf_kernel": (lambda t: pairs.rbf_kernel(t, t * t), X),
    "sklearn.metrics.pairwise.additive_chi2_kernel": (lambda t: pairs.additive_chi2_kernel(t, t * t), X),
    "sklearn.decomposition.PCA": (lambda t: sklearn.decomposition.PCA(2).fit_transform(t), X),
    "sklearn.preprocessing.KernelCenterer": (lambda t: preprocessing.KernelCenterer().fit_transform(t @ t.T), X),
    "sklearn.preprocessing.StandardScaler": (lambda t: preprocessing.StandardScaler().fit_transform(t), X),
    "sklearn.preprocessing.PolynomialFeatures": (lambda t: preprocessing.PolynomialFeatures().fit_transform(t), X),
}  # fmt: skip

REASONS = {
    "immutable": "it writes into an array",
    "np.asarray()": "it asks NumPy for a plain array",
    "Multiple namespaces": "it mixes tensors with NumPy's arrays",
    "float()": "it answers with a float of Python's",
}


def outcome(f: Callable[[Any], Any], at: Any) -> str:
    """Whether the value and the gradient of `f` are right, or why it does not run."""
    t = Tensor(at, requires_grad=True)
    try:
        y = f(t)
    except TypeError as error:
        return next((reason for text, reason in REASONS.items() if text in str(error)), str(error))
    weights = np.random.default_rng(2).standard_normal(y.shape)
    (y * weights).sum().backward()
    step, expected = 1e-6, np.zeros_like(at)
    for i in np.ndindex(at.shape):
        change = np.zeros_like(at)
        change[i] = step
        expected[i] = np.sum(weights * (np.asarray(f(at + change)) - np.asarray(f(at - change)))) / (2 * step)
    scale = max(1.0, np.abs(expected).max())
    right = np.allclose(y.data, f(at), rtol=1e-12, atol=1e-14) and np.allclose(
        t.grad, expected, rtol=1e-6, atol=1e-8 * scale
    )
    return "right" if right else f"wrong: value {y.data} and {f(at)}, gradient {t.grad} and {expected}"


def main() -> None:
    sklearn.set_config(array_api_dispatch=True)
    warnings.simplefilter("ignore")
    json.dump({name: outcome(f, at) for name, (f, at) in CASES.items()}, sys.stdout)


if __name__ == "__main__":
    main()
