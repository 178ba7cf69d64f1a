"""11. Overfit, and cure it. A solution."""

import nn


def overfit(X, y):
    """A model that has learned the points X (30, 2) and their labels y (30,) by heart: nn.MLP and nn.fit."""
    model = nn.MLP(2, 64, 64, 2, activation="relu", rng=0)
    nn.fit(
        model, X, y, loss="cross_entropy", epochs=400, optimizer=lambda p: nn.Adam(p, lr=0.01), rng=0, progress=False
    )
    return model


def cure(X, y, X_val, y_val):
    """A model for the same points that is better on fresh ones. Do not learn from X_val: it is there to look at."""
    model = nn.MLP(2, 64, 64, 2, activation="relu", rng=0)
    nn.fit(
        model,
        X,
        y,
        loss="cross_entropy",
        epochs=400,
        validation=(X_val, y_val),
        early_stopping=nn.EarlyStopping(30),
        optimizer=lambda p: nn.Adam(p, lr=0.01),
        rng=0,
        progress=False,
    )
    return model


if __name__ == "__main__":
    X, y = nn.data.moons(15, noise=0.35, rng=0)
    X_val, y_val = nn.data.moons(100, noise=0.35, rng=1)
    for model in overfit(X, y), cure(X, y, X_val, y_val):
        for points in (X, y), (X_val, y_val):
            print(nn.evaluate(model, *points, loss="cross_entropy", metrics="accuracy"))
