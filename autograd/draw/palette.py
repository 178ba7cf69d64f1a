"""The colours of a picture: one row per role, for light and for dark.

The hues are those of Okabe and Ito, which all kinds of colour vision tell apart; and no role is told by its colour
alone. Texts stand out from what is behind them by a contrast of 4.5 at least, outlines and edges by 3 (WCAG 2.2).
Each light colour has one role, so that the style sheet can find by it what to recolour.
"""

from __future__ import annotations

THEMES = ("light", "dark", "auto")

# role: (light, dark). A kind of box has its outline under its own name, and what fills it under "-fill".
COLOURS = {
    "background":     ("#ffffff", "#14161a"),
    "ink":            ("#1b1b1b", "#f0f0f0"),  # names and values
    "quiet":          ("#555555", "#bcc1c8"),  # shapes, letters, notes
    "gradient":       ("#a63d00", "#ff9f63"),  # gradients and local derivatives
    "warning":        ("#c5002e", "#ff7a90"),  # what is not finite, in the player
    "positive":       ("#1f66b0", "#6ab0f7"),  # of numbers on a diverging scale
    "negative":       ("#c2500a", "#ff9445"),
    "edge":           ("#5c6168", "#9aa2ad"),
    "leaf":           ("#0786f3", "#0a7cfd"), "leaf-fill":      ("#e1effa", "#102c42"),
    "parameter":      ("#8f0b90", "#c459ba"), "parameter-fill": ("#faeaf4", "#3a2034"),
    "constant":       ("#7f8490", "#808080"), "constant-fill":  ("#f3f3f3", "#2a2c30"),
    "operation":      ("#a67f16", "#e7b734"), "operation-fill": ("#fff4dc", "#37290b"),
    "result":         ("#0c5b37", "#2be28e"), "result-fill":    ("#dff5ec", "#0c3326"),
    "fold":           ("#1d1f31", "#c7cadd"), "fold-fill":      ("#e6eaf1", "#272f3d"),
    "cluster":        ("#7b828c", "#7e8896"), "cluster-fill":   ("#f8f9fb", "#1b1e24"),
}  # fmt: skip


# How the page around a picture says which it is: JupyterLab and its exports, VS Code, Colab, the themes of Sphinx.
AROUND = {
    "dark": '[data-jp-theme-light="false"], .vscode-dark, .vscode-high-contrast, [theme="dark"], [data-theme="dark"]',
    "light": '[data-jp-theme-light="true"], .vscode-light, .vscode-high-contrast-light, [theme="light"], '
             '[data-theme="light"]',
}  # fmt: skip


def colours(theme: str) -> dict[str, str]:
    """The colour of each role; "auto" begins as "light", and the style sheet makes it dark."""
    return {role: both[theme == "dark"] for role, both in COLOURS.items()}


def variables(theme: str) -> str:
    """The colours as CSS custom properties: "--ink: #1b1b1b; ...". On a page they switch a picture of theme "auto"."""
    return " ".join(f"--{role}: {colour};" for role, colour in colours(theme).items())


def class_of(theme: str) -> str:
    """The class of a picture: the style sheet of one on a page recolours others there, but none of a fixed theme."""
    return "backprop" if theme == "auto" else f"backprop-{theme}"


def stylesheet() -> str:
    """What makes an SVG of theme "auto" follow the page that it stands in, or else the reader's system; on paper it is
    light.
    """
    rules = [
        f'.backprop [{attribute}="{light}"] {{ {attribute}: var(--{role}) }}'
        for role, light in colours("light").items()
        for attribute in ("fill", "stroke")
    ]
    return "\n".join([
        f".backprop {{ {variables('light')} }}",
        f"@media screen and (prefers-color-scheme: dark) {{ .backprop {{ {variables('dark')} }} }}",
        f"@media screen {{ :is({AROUND['dark']}) .backprop {{ {variables('dark')} }} }}",
        f":is({AROUND['light']}) .backprop {{ {variables('light')} }}",
        *rules,
    ])  # fmt: skip
