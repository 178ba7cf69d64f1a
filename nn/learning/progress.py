"""The progress bar of `fit`, on stderr, or in a notebook."""

from __future__ import annotations

from collections.abc import Mapping


class Progress:
    """Counts batches; names the epoch, and shows the loss while it goes on and all its numbers when it is over."""

    def __init__(self, shown: bool, epochs: int, batches: int | None, done: int) -> None:
        from tqdm.auto import tqdm  # in a notebook a widget, where there are widgets

        self.epochs = epochs
        total = None if batches is None else epochs * batches
        self.bar = tqdm(total=total, initial=done * (batches or 0), unit="batch", disable=not shown)

    def epoch(self, number: int) -> None:
        """An epoch begins."""
        self.bar.set_description(f"epoch {number}/{self.epochs}", refresh=False)

    def batch(self, loss: float) -> None:
        """A batch is done."""
        if self.bar.update():  # it has just been drawn: the next time it shows this loss
            self.bar.set_postfix(loss=f"{loss:.4g}", refresh=False)

    def show(self, logs: Mapping[str, float]) -> None:
        """An epoch is over."""
        self.bar.set_postfix({name: f"{value:.4g}" for name, value in logs.items()}, refresh=False)

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *error: object) -> None:
        self.bar.close()
