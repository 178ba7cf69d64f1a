r"""
Likelihoods
===========

Three models of statistics in ten lines each, fitted by SciPy with exact gradients and standard errors.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy import optimize

from autograd import grad, hessian, value_and_grad
from autograd.scipy import stats


def fit(title, names, minus_log_p, start):
    """The gradient of sum(log p(y | x, theta)) leads SciPy to the best theta; the Hessian there says how sure it is."""
    found = optimize.minimize(value_and_grad(minus_log_p), start, jac=True, options={"gtol": 1e-7}).x
    errors = np.sqrt(np.diag(np.linalg.inv(hessian(minus_log_p)(found))))
    rows = [f"{name:25s} {estimate:8.4f} +- {error:.4f}" for name, estimate, error in zip(names, found, errors)]
    print(title, *rows, sep="\n")
    return found, errors


# %%
# **Negative binomial regression.** The mean of a count is exp(a + b x), and its variance is the mean plus a part of the
# mean's square. SciPy's parameters are a number and a probability. What is true stands in parentheses.


def counting(theta):
    a, b, log_dispersion = theta
    mean, n = np.exp(a + b * x), np.exp(-log_dispersion)
    return -stats.nbinom.logpmf(counts, n, n / (n + mean)).sum()


rng = np.random.default_rng(0)
x = np.sort(rng.uniform(-1, 2, 400))
counts = rng.negative_binomial(1 / 0.6, 1 / (1 + 0.6 * np.exp(0.5 + 0.8 * x)))
of_counts, errors_of_counts = fit("counts (0.5, 0.8, -0.51)", ["a", "b", "log dispersion"], counting, np.zeros(3))

# %%
# **Student-t regression.** Every third point on the right is an outlier. A normal likelihood (least squares, dashed)
# bends the line to them; Student's t expects some, and learns from the data how many: by its degrees of freedom.


def robust(theta):
    a, b, log_scale, log_df = theta
    return -stats.t.logpdf(y, np.exp(log_df), a + b * t, np.exp(log_scale)).sum()


t = np.sort(rng.uniform(-2, 2, 200))
y = 1 - 0.7 * t + 0.3 * rng.standard_t(5, 200)
y[150::3] += 3
of_line, errors_of_line = fit("line (1, -0.7)", ["a", "b", "log scale", "log degrees of freedom"], robust, np.zeros(4))

# %%
# **A Gaussian process.** The heights of a curve are one draw of a multivariate normal distribution. How much the curve
# varies, over which length, and how noisy its points are is in the covariance, and so has a gradient.

u = np.sort(rng.uniform(0, 6, 60))
z = 1.5 * np.sin(2 * u) + 0.2 * rng.normal(size=60)


def process(theta, z=z):
    curve = np.exp(2 * theta[0] - 0.5 * ((u[:, None] - u) / np.exp(theta[1])) ** 2)
    return -stats.multivariate_normal.logpdf(z, np.zeros(60), curve + np.exp(2 * theta[2]) * np.eye(60))


of_process, errors_of_process = fit("curve", ["log height", "log length", "log noise"], process, -np.ones(3))
of_curve = z - np.exp(2 * of_process[2]) * grad(process, 1)(of_process, z)  # without the noise, by Tweedie's formula
figure, (left, middle, right) = plt.subplots(1, 3, num="likelihoods", figsize=(12, 3.6))
left.plot(x, counts, ".", x, np.exp(of_counts[0] + of_counts[1] * x), "k-", markersize=4)
left.set(title="Negative binomial: counts", xlabel="x", ylabel="count")
middle.plot(t, y, ".", t, of_line[0] + of_line[1] * t, "k-", t, np.polyval(np.polyfit(t, y, 1), t), "k--", markersize=4)
middle.set(title="Student-t: a line, and outliers", xlabel="t", ylabel="y")
right.plot(u, z, ".", u, of_curve, "k-", markersize=4)
right.set(title="A Gaussian process: a curve", xlabel="u", ylabel="z")
plt.show()

# %%
# **Try this.** Fit a and b by ``-stats.poisson.logpmf(counts, np.exp(a + b * x)).sum()``. And the standard errors?
#
# .. dropdown:: Solution
#
#    The estimates stay near, their standard errors are a third too small: Poisson takes for information what is noise.
