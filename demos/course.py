"""The programs of the course: which there are, in its order, with the slides each one runs; and how one is run."""

from __future__ import annotations

import contextlib
import runpy
import warnings
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent

# chapter -> program -> the topics of the course that it runs
COURSE: dict[str, dict[str, tuple[str, ...]]] = {
    "why_now": {
        "big_data": ("Why now? Larger data sets",),
        "hardware": ("Why now? Hardware that computes in parallel",),
        "software": ("Why now? Toolboxes",),
        "timeline": ("Artificial intelligence is not new", "Machine learning", "Deep learning"),
    },
    "perceptron": {
        "sum_and_step": ("The perceptron", "The perceptron: forward propagation"),
        "and_or_xor": ("AND, OR, and why not XOR",),
        "bias": ("What if an x is zero?",),
        "many_inputs": ("The perceptron with m inputs",),
        "multi_output": ("Multi output perceptron", "z_i"),
        "dense_from_scratch": ("Dense layer from scratch",),
    },
    "networks": {
        "layers": ("Input layer", "Hidden layer", "Output layer"),
        "shallow_and_deep": ("Single layer neural network", "Deep neural network", "z_k,i"),
        "approximation": ("It can approximate any function",),
        "bounded_outputs": ("Outputs between 0 and 1",),
    },
    "activations": {
        "sigmoid_tanh_relu": ("Common activation functions", "Sigmoid", "Hyperbolic tangent", "Rectified linear unit"),
        "dance_moves": ("Activation functions: dance moves",),
        "step_or_sigmoid": ("The step function", "More sensitive to small changes"),
        "linear_networks": ("Linear activations give linear decisions",),
        "green_and_red": ("Green against red points", "Non-linearities"),
    },
    "classes": {
        "non_exclusive": ("Non-exclusive classes: sigmoid",),
        "exclusive": ("Mutually exclusive classes", "Softmax", "The probabilities sum to one"),
    },
    "derivatives": {
        "secant_and_tangent": ("The derivative", "The limit", "The tangent"),
        "fundamental": ("Fundamental derivatives",),
        "partial": ("Partial derivatives",),
        "gradient_field": ("The gradient of a function",),
    },
    "cost": {
        "one_number": ("Cost function", "The cost of one sample"),
        "punishes_large_errors": ("Quadratic cost", "RSS, the sum of squared residuals", "Log loss"),
        "one_weight": ("C(w): one weight", "The slope at a point"),
        "step_size": ("Smaller steps", "Overshooting"),
        "n_dimensions": ("Descent in n dimensions",),
        "same_gradient": ("The gradient of the cost function", "dJ/dw and dJ/db"),
    },
    "descent": {
        "gradient_descent": ("gradient_descent",),
        "stochastic": ("stochastic_GD",),
        "paths": ("Gradient descent at work",),
        "five_steps": ("The algorithm in five steps",),
        "tape": ("The tape loop",),
        "epochs": ("Epochs", "Why multiple epochs?"),
        "learning_rate": ("Learning rate",),
        "batch_size": ("Batches",),
        "local_minimum": ("SGD and local minima",),
        "stream": ("SGD needs little memory", "SGD on new data"),
    },
    "backpropagation": {
        "how_much": ("How much did each weight contribute?",),
        "composed": ("A network is composed functions",),
        "chain_rule": ("The chain rule",),
        "three_factors": ("dJ/dw in three factors",),
        "two_layers": ("w1, through two layers",),
        "by_hand": ("forward_propagation", "backward_propagation"),
        "by_hand_mended": ("forward_propagation and backward_propagation, mended",),
    },
    "optimizers": {
        "references": ("SGD, Adam, Adadelta, Adagrad, RMSProp", "References"),
        "race_rosenbrock": ("The race: Rosenbrock's valley",),
        "race_beale": ("The race: Beale's function",),
        "race_saddle": ("The race: a saddle",),
    },
    "fitting": {
        "under_and_over": ("Underfitting", "Ideal fit", "Overfitting"),
        "remedies": ("The problem of overfitting: what helps",),
    },
    "zoo": {
        "rosenblatt": ("Perceptron (P)",),
        "feed_forward": ("Feed forward (FF)",),
        "radial_basis": ("Radial basis network (RBF)",),
        "deep_feed_forward": ("Deep feed forward (DFF)",),
        "recurrent": ("Recurrent neural network (RNN)",),
        "long_short_term_memory": ("Long/short term memory (LSTM)",),
        "gated_recurrent_unit": ("Gated recurrent unit (GRU)",),
        "autoencoder": ("Auto encoder (AE)",),
        "variational": ("Variational auto encoder (VAE)",),
        "denoising": ("Denoising auto encoder (DAE)",),
        "sparse": ("Sparse auto encoder (SAE)",),
        "markov_chain": ("Markov chain (MC)",),
        "hopfield": ("Hopfield network (HN)",),
        "boltzmann": ("Boltzmann machine (BM)",),
        "restricted_boltzmann": ("Restricted Boltzmann machine (RBM)",),
        "deep_belief": ("Deep belief network (DBN)",),
        "deep_convolutional": ("Deep convolutional network (DCN)",),
        "deconvolutional": ("Deconvolutional network (DN)",),
        "inverse_graphics": ("Deep convolutional inverse graphics network (DCIGN)",),
        "generative_adversarial": ("Generative adversarial network (GAN)",),
        "liquid_state": ("Liquid state machine (LSM)",),
        "extreme_learning": ("Extreme learning machine (ELM)",),
        "echo_state": ("Echo state network (ESN)",),
        "deep_residual": ("Deep residual network (DRN)",),
        "kohonen": ("Kohonen network (KN)",),
        "support_vector": ("Support vector machine (SVM)",),
        "neural_turing_machine": ("Neural Turing machine (NTM)",),
    },
    "tour": dict.fromkeys(("xor", "spiral", "digits", "mnist", "text", "player", "parallel", "likelihoods"), ()),
}
PROGRAMS = {name: FOLDER / chapter / f"{name}.py" for chapter, names in COURSE.items() for name in names}


def heading(path: Path) -> tuple[str, str]:
    """The title and the line below it of a program, or of a chapter's GALLERY_HEADER.rst."""
    text = path.read_text(encoding="utf-8").lstrip('r"').lstrip()
    title, _, _, summary, *_ = text.split("\n")
    return title, summary


def run(name: str, out: Path) -> dict[str, Any]:
    """Run a program in the folder `out/name`, which gets its pictures, and return what it defined."""
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.chdir(folder), pictures():
        return runpy.run_path(str(PROGRAMS[name]), run_name="__main__")


@contextlib.contextmanager
def pictures() -> Any:
    """Figures get the style of the course, open no window, and are saved into the current folder under their names."""
    import matplotlib.style
    from matplotlib import pyplot as plt

    with matplotlib.style.context(FOLDER / "style.mplstyle"), warnings.catch_warnings():
        warnings.filterwarnings("ignore", "FigureCanvasAgg is non-interactive")  # of plt.show()
        plt.switch_backend("agg")
        try:
            yield
            for figure in map(plt.figure, plt.get_fignums()):
                figure.savefig(f"{figure.get_label() or f'figure-{figure.number}'}.png")
        finally:
            plt.close("all")
