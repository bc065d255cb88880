"""A bare ``.skops`` file: an estimator of scikit-learn, LightGBM or XGBoost, read without pickle."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from ..fitting import Input, answer, fit
from . import NotAModel, Runtime

RUNTIME = Runtime(
    "scikit-learn (skops)",
    endings=(".skops",),
    packages=("skops", "scikit-learn"),
    modules=("skops.io", "sklearn"),
)

_DISTANCES = ("Euclidean", "Manhattan", "Chebyshev", "Minkowski")
_KERNELS = (
    *("ConstantKernel", "RBF", "Matern", "RationalQuadratic", "ExpSineSquared", "DotProduct", "WhiteKernel"),
    *("Sum", "Product", "Exponentiation", "CompoundKernel"),
)
_TRUSTED = (
    *("collections.OrderedDict", "collections.defaultdict"),
    *("sklearn.tree._tree.Tree", "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor"),
    *("sklearn.neighbors._kd_tree.KDTree", "sklearn.neighbors._ball_tree.BallTree"),
    *(f"sklearn.metrics._dist_metrics.{name}Distance64" for name in _DISTANCES),
    *(f"sklearn.gaussian_process.kernels.{name}" for name in _KERNELS),
    "sklearn.gaussian_process._gpc._BinaryGaussianProcessClassifierLaplace",
    *(f"sklearn.neural_network._stochastic_optimizers.{name}Optimizer" for name in ("Adam", "SGD")),
    *("sklearn._loss.loss.HalfTweedieLoss", "sklearn._loss.loss.HalfTweedieLossIdentity"),
    "lightgbm.basic.Booster",
    *(f"lightgbm.sklearn.LGBM{name}" for name in ("Classifier", "Ranker", "Regressor")),
    "xgboost.core.Booster",
    *(f"xgboost.sklearn.XGB{name}" for name in ("Classifier", "Ranker", "Regressor")),
)
"""Types beside those that skops trusts by itself: parts of estimators, which run no code of the file.

skops leaves trees out because it does not check their arrays: a wrong one can end the process. In the sandbox
that harms nobody else.
"""


def load(path: str, _: SimpleNamespace) -> Callable[[Any], Any]:
    """Return ``model(x)``: probabilities of classes where the estimator gives them, else its prediction.

    Raises NotAModel where the file holds other types, or no estimator.
    """
    from skops import io

    unknown = sorted(set(io.get_untrusted_types(file=path)) - set(_TRUSTED))
    if unknown:
        raise NotAModel(
            f"it holds types that are not trusted: {', '.join(unknown)[:200]}; convert it to .onnx, or load "
            "it in a submission.py with a lock file"
        )
    estimator = io.load(path, trusted=list(_TRUSTED))
    predict = getattr(estimator, "predict_proba", None) or getattr(estimator, "predict", None)
    if predict is None:
        raise NotAModel(f"it holds a {type(estimator).__name__}, which has no method predict")
    features = getattr(estimator, "n_features_in_", None)
    inputs = [Input("x", None, 2, (None, features))]

    def model(x: Any) -> Any:
        (array,), batched = fit(x, inputs)
        return answer({"output": predict(array)}, batched)

    return model
