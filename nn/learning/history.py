"""What happened in training, epoch by epoch."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..metrics import Mode
from ..plotting import COLOURS, new_axes


class History(Mapping[str, list[float]]):
    """The numbers of every epoch by name: history["loss"], history["val_accuracy"], ... are lists with one for each.

    `epochs` is how many were finished; `stopped` says why there are no more: "epochs" (all that were asked for),
    "early stopping", "callback", "interrupt" (Ctrl-C) or "diverged".
    """

    def __init__(
        self, columns: Mapping[str, Sequence[float]] | None = None, monitor: str = "loss", mode: Mode = "min"
    ) -> None:
        self.columns = {name: list(column) for name, column in (columns or {}).items()}
        self.monitor = monitor
        self.mode: Mode = mode
        self.stopped = "epochs"

    def record(self, logs: Mapping[str, float]) -> None:
        """Add an epoch."""
        for name, value in logs.items():
            self.columns.setdefault(name, []).append(value)

    def __getitem__(self, name: str) -> list[float]:
        if name not in self.columns:
            raise KeyError(f"there is no {name!r} in this history (it has {', '.join(self.columns) or 'no epoch'})")
        return self.columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    @property
    def epochs(self) -> int:
        """The number of finished epochs."""
        return len(next(iter(self.columns.values()), []))

    @property
    def best(self) -> dict[str, float]:
        """The numbers of the best epoch, and "epoch", counted from 1. Empty if no epoch was finished.

        Best is the lowest validation loss, or training loss if there was no validation, or what early stopping
        monitors; the first one of equals.
        """
        sign = 1 if self.mode == "min" else -1
        column = [math.inf if math.isnan(value) else sign * value for value in self.columns.get(self.monitor, [])]
        if not column:
            return {}
        i = column.index(min(column))
        return {"epoch": i + 1} | {name: values[i] for name, values in self.columns.items()}

    def to_dict(self) -> dict[str, list[float]]:
        """The columns as plain lists: for json, or a pandas.DataFrame."""
        return {name: list(column) for name, column in self.columns.items()}

    def plot(self, name: str = "loss", ax: Any = None) -> Any:
        """Draw a column over the epochs, with its validation counterpart if there is one.

        It draws into `ax`, by default new axes of matplotlib, and returns them, as all plots of nn do:
        `history.plot().figure.savefig("loss.svg")`, or in a script `plt.show()`. It needs matplotlib, the extra `plot`.
        """
        curves = {label: self[label] for label in (name, f"val_{name}") if label == name or label in self}
        ax = new_axes(ax)
        for (label, column), style, colour in zip(curves.items(), ("-", "--"), COLOURS):
            shown = "validation" if label != name else "training"
            ax.plot(range(1, len(column) + 1), column, style, color=colour, label=shown)
        ax.set(xlabel="epoch", ylabel=name, title=f"{name} while it learns")
        if len(curves) > 1:
            ax.legend(frameon=False)
        return ax

    def __repr__(self) -> str:
        best = self.best
        shown = ", ".join(f"{name}={value:.4g}" for name, value in best.items() if name != "epoch")
        found = f", best epoch {best['epoch']}: {shown}" if best else ""
        return f"History({self.epochs} epochs, stopped by {self.stopped}{found})"
