r"""
Likelihoods
===========

Three models of statistics in ten lines each, fitted by SciPy with exact gradients and standard errors.

The gradient of :math:`\sum_i \log p(y_i \mid x_i, \theta)` leads SciPy to the best parameters. There
the Hessian says how sure they are: the standard errors are the roots of the diagonal of its inverse.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy import optimize

from autograd import hessian, value_and_grad
from autograd.scipy import stats

rng = np.random.default_rng(0)


def fit(title, names, minus_log_likelihood, start):
    """The parameters of the largest likelihood, and their standard errors."""
    found = optimize.minimize(value_and_grad(minus_log_likelihood), start, jac=True, options={"gtol": 1e-7}).x
    errors = np.sqrt(np.diag(np.linalg.inv(hessian(minus_log_likelihood)(found))))
    print(title)
    for name, estimate, error in zip(names, found, errors):
        print(f"{name:25s} {estimate:8.4f} +- {error:.4f}")
    return found, errors


# %%
# **Negative binomial regression.** The mean of a count is exp(a + b x), and its variance is the mean plus a part of the
# mean's square. SciPy's parameters are a number and a probability. What is true stands in parentheses.

x = np.sort(rng.uniform(-1, 2, 400))
counts = rng.negative_binomial(1 / 0.6, 1 / (1 + 0.6 * np.exp(0.5 + 0.8 * x)))


def counting(theta):
    a, b, log_dispersion = theta
    mean, n = np.exp(a + b * x), np.exp(-log_dispersion)
    return -stats.nbinom.logpmf(counts, n, n / (n + mean)).sum()


of_counts, errors_of_counts = fit("counts (0.5, 0.8, -0.51)", ["a", "b", "log dispersion"], counting, np.zeros(3))

# %%
# **Student-t regression.** Every third point on the right is an outlier. A normal likelihood bends the line to them;
# Student's t expects some, and learns from the data how many: by its degrees of freedom.

t = np.sort(rng.uniform(-2, 2, 200))
y = 1 - 0.7 * t + 0.3 * rng.standard_t(5, 200)
y[150::3] += 3


def robust(theta):
    a, b, log_scale, log_df = theta
    return -stats.t.logpdf(y, np.exp(log_df), a + b * t, np.exp(log_scale)).sum()


names = ["a", "b", "log scale", "log degrees of freedom"]
of_line, errors_of_line = fit("line (1, -0.7)", names, robust, np.zeros(4))

# %%
# **A Gaussian process.** The heights of a curve are one draw of a multivariate normal distribution. How much the curve
# varies, over which length, and how noisy its points are is in the covariance, and so has a gradient.

u = np.sort(rng.uniform(0, 6, 60))
z = 1.5 * np.sin(2 * u) + 0.2 * rng.normal(size=60)


def covariances(theta):
    """Of the curve, and of its noisy points."""
    curve = np.exp(2 * theta[0] - 0.5 * ((u[:, None] - u) / np.exp(theta[1])) ** 2)
    return curve, curve + np.exp(2 * theta[2]) * np.eye(60)


def process(theta):
    return -stats.multivariate_normal.logpdf(z, np.zeros(60), covariances(theta)[1])


of_process, errors_of_process = fit("curve", ["log height", "log length", "log noise"], process, -np.ones(3))

# %%
# What was found. The line of least squares, dashed, gives in to the outliers.

figure, (left, middle, right) = plt.subplots(1, 3, num="likelihoods", figsize=(12, 3.6))
left.plot(x, counts, ".", x, np.exp(of_counts[0] + of_counts[1] * x), "k-", markersize=4)
left.set(title="Negative binomial: counts", xlabel="x", ylabel="count")
least_squares = np.polyval(np.polyfit(t, y, 1), t)
middle.plot(t, y, ".", t, of_line[0] + of_line[1] * t, "k-", t, least_squares, "k--", markersize=4)
middle.set(title="Student-t: a line, and outliers", xlabel="t", ylabel="y")
of_curve, of_points = covariances(of_process)
right.plot(u, z, ".", u, of_curve @ np.linalg.solve(of_points, z), "k-", markersize=4)
right.set(title="A Gaussian process: a curve", xlabel="u", ylabel="z")
plt.show()

# %%
# **Try this.** Give the first model a and b alone: ``-stats.poisson.logpmf(counts, np.exp(a + b * x)).sum()``. What
# happens to the standard errors?
#
# .. dropdown:: Solution
#
#    The estimates stay near, and their standard errors are too small by a third: a Poisson distribution takes for
#    information what is noise.
