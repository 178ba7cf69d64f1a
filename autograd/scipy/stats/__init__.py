"""The densities of `scipy.stats`, at HIPS autograd's addresses: `from autograd.scipy.stats import norm`.

Each distribution is a module of functions with SciPy's names, parameters, broadcasting and support. What one family of
numbers has in common stands in `law.py`; a module states its density, as a textbook does.
"""

from . import (
    bernoulli as bernoulli,
    beta as beta,
    binom as binom,
    cauchy as cauchy,
    chi2 as chi2,
    dirichlet as dirichlet,
    expon as expon,
    gamma as gamma,
    geom as geom,
    laplace as laplace,
    logistic as logistic,
    lognorm as lognorm,
    multinomial as multinomial,
    multivariate_normal as multivariate_normal,
    multivariate_t as multivariate_t,
    nbinom as nbinom,
    norm as norm,
    pareto as pareto,
    poisson as poisson,
    t as t,
    uniform as uniform,
    weibull_min as weibull_min,
)
