"""Networks as estimators of scikit-learn, in reading order.

    base         the parameters, training, and what both kinds share
    regressor    NetworkRegressor: targets are numbers
    classifier   NetworkClassifier: targets are labels

The room needs the extra `sklearn`: `nn.NetworkClassifier` imports it when it is first asked for, `import nn` does not.
"""

try:
    import sklearn  # noqa: F401  (only whether it is there)
except ImportError as error:
    raise ImportError(
        'nn.NetworkClassifier and nn.NetworkRegressor are estimators of scikit-learn: pip install "chainrule[sklearn]"'
    ) from error

from .classifier import NetworkClassifier
from .regressor import NetworkRegressor

__all__ = ["NetworkClassifier", "NetworkRegressor"]
