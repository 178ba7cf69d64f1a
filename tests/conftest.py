"""What every test runs under: the same examples on every run, and a table that no test leaves changed."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import pytest

from autograd.table import COMPOSITES, PLAIN, RULES

hypothesis.settings.register_profile(
    "table",
    max_examples=15,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("table")


@pytest.fixture
def own_rules() -> Iterator[None]:
    """For a test that states derivatives of its own: they leave the table with it."""
    rules, composites, plain = dict(RULES), dict(COMPOSITES), set(PLAIN)
    yield
    for table in (RULES, COMPOSITES, PLAIN):
        table.clear()
    RULES.update(rules)
    COMPOSITES.update(composites)
    PLAIN.update(plain)
