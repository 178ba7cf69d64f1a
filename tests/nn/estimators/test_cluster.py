"""A search whose fits go to other processes, by joblib's Dask backend."""

from __future__ import annotations

import pytest

pytest.importorskip("sklearn")
pytest.importorskip("distributed")

import joblib
from distributed import Client, LocalCluster
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV

import nn


@pytest.mark.slow
def test_the_fits_of_a_search_run_in_other_processes_and_find_the_same() -> None:
    X, y = load_iris(return_X_y=True)
    model = nn.NetworkClassifier(8, max_iter=20, random_state=0)
    search = GridSearchCV(model, {"optimizer__lr": [1e-5, 0.03]}, cv=2)
    alone = search.fit(X, y).cv_results_["mean_test_score"].tolist()
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as cluster,
        Client(cluster),
        joblib.parallel_backend("dask"),
    ):
        search.fit(X, y)
    assert search.cv_results_["mean_test_score"].tolist() == alone
