"""11. Overfit, and cure it.

Thirty noisy points, two classes. First train a network that knows them by heart, and is wrong on fresh points and sure
of it. Then find a cure: early stopping on the validation points, weight decay, a smaller network, or what you like.

Fill in the two functions: each gives a trained model, with two inputs and two outputs, the scores of the classes. Then
`python -m demos.exercises 11` measures both on fresh points, and tells what is not yet right.
"""

import nn


def overfit(X, y):
    """A model that has learned the points X (30, 2) and their labels y (30,) by heart: nn.MLP and nn.fit."""
    raise NotImplementedError


def cure(X, y, X_val, y_val):
    """A model for the same points that is better on fresh ones. Do not learn from X_val: it is there to look at."""
    raise NotImplementedError


if __name__ == "__main__":
    X, y = nn.data.moons(15, noise=0.35, rng=0)
    X_val, y_val = nn.data.moons(100, noise=0.35, rng=1)
    for model in overfit(X, y), cure(X, y, X_val, y_val):
        for points in (X, y), (X_val, y_val):
            print(nn.evaluate(model, *points, loss="cross_entropy", metrics="accuracy"))
