"""Text: a recurrent network learns to write like the first canto of Dante's Commedia, letter by letter."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

import autograd as ag
import nn

from . import PROGRESS
from .pictures import save_curves, sparkline

DANTE = Path(__file__).with_name("dante.txt")


class Writer(nn.Module):
    """Letters (n, time) to logits of the letter that follows each, (n, time, letters)."""

    def __init__(self, letters: int, hidden: int, rng: np.random.Generator) -> None:
        self.embedding = nn.Embedding(letters, 32, rng=rng)
        self.gru = nn.GRU(32, hidden, rng=rng)
        self.output = nn.Dense(hidden, letters, rng=rng)

    def forward(self, x: Any) -> Any:
        """The logits after every letter, from an empty memory."""
        return self.read(x)[0]

    def read(self, x: Any, memory: Any = None) -> tuple[Any, Any]:
        """The logits after every letter, and the memory at the end."""
        outputs, memory = self.gru(self.embedding(x), memory)
        return self.output(outputs), memory

    @ag.no_grad
    def write(self, start: int, length: int, temperature: float, rng: np.random.Generator) -> list[int]:
        """Letters drawn one after the other; the lower the temperature, the more often the likeliest."""
        letters, memory = [start], None
        for _ in range(length):
            logits, memory = self.read([letters[-1:]], memory)
            p = nn.softmax(logits.numpy()[0, -1].astype(float) / temperature)
            letters.append(int(rng.choice(len(p), p=p)))
        return letters


def main(out: Path, epochs: int = 12, hidden: int = 128) -> None:
    """Train on nine tenths of the canto, print what it writes meanwhile, and write the loss on both parts."""
    rng = np.random.default_rng(0)
    text = DANTE.read_text(encoding="utf-8")
    letters, codes = np.unique(list(text), return_inverse=True)
    cut = len(codes) * 9 // 10
    X, held_out = (np.lib.stride_tricks.sliding_window_view(part, 49)[::6] for part in (codes[:cut], codes[cut:]))
    model = Writer(len(letters), hidden, rng)
    samples = {}

    def sample(epoch: nn.Epoch) -> None:
        if epoch.number in (1, 5, epochs):
            written = model.write(start=int(codes[-1]), length=200, temperature=0.6, rng=np.random.default_rng(0))
            samples[epoch.number] = "".join(letters[written]).strip()

    history = nn.fit(
        model, X[:, :-1], X[:, 1:], loss="cross_entropy", optimizer=lambda parameters: nn.Adam(parameters, lr=0.005),
        epochs=epochs, clip_norm=1.0, validation=(held_out[:, :-1], held_out[:, 1:]), callbacks=sample, rng=rng,
        progress=PROGRESS,
    )  # fmt: skip

    losses, best = history["loss"], history.best
    curves = {"training": losses, "held out": history["val_loss"], "guessing": [np.log(len(letters))] * epochs}
    save_curves(out / "text-loss.png", curves, "Dante: the loss for each letter", "epoch", "mean cross-entropy")

    print(f"text: {cut:,} letters, {sum(p.size for p in model.parameters()):,} parameters, {epochs} epochs")
    print(f"  loss      {losses[0]:.3f} {sparkline(losses)} {losses[-1]:.5f}")
    print(f"  held out  {best['val_loss']:.3f} at best, after {best['epoch']} epochs; then it learns by heart")
    for number, written in samples.items():
        print(f"  after {number} epochs it writes\n" + "\n".join(f"    | {line}" for line in written.split("\n")))
    print(f"  pictures  {out}/text-loss.png")
