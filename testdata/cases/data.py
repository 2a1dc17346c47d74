# -*- coding: utf-8 -*-
"""What the cases share: their training rows, their registration, and names that changed between releases."""
import numpy as np
import sklearn

RELEASE = tuple(int(p) for p in sklearn.__version__.split(".")[:2])
CASES = []


class Data(object):
    """Seeded training rows. Every case gets a new one, so none depends on those before it.

    A case that is fitted on other rows puts them into X, or into frame; rows that it wants to be asked with besides go into
    special.
    """
    features = 4

    def __init__(self, rows=80):
        self.rows = rows
        r = self.random = np.random.RandomState(7)
        X = r.randn(self.rows, self.features)
        X[:, 1] = np.round(X[:, 1], 1)             # many equal values
        X[:, 2] = r.randint(-3, 9, self.rows)      # whole numbers
        X[:, 3] = X[:, 3] * 1e5                    # another scale
        self.X = X
        score = X[:, 0] + 0.3 * X[:, 2] + r.randn(self.rows) * 0.4
        self.y = np.digitize(score, np.percentile(score, [30, 70]))  # three classes
        self.b = (self.y > 0).astype(int)                            # two
        self.t = score * np.exp(X[:, 1]) + 3.0                       # a number
        self.w = r.uniform(0.1, 3.0, self.rows)                      # weights
        self.words = np.array(["setosa", "versicolor", "virginica"], dtype=object)[self.y]
        self.special = np.empty((0, self.features))

    @property
    def yes(self):
        return np.array(["no", "yes"], dtype=object)[self.b]

    @property
    def positive(self):
        """Positive targets, for the losses that need them."""
        return self.t - self.t.min() + 0.5

    @property
    def targets(self):
        return np.column_stack([self.t, self.X[:, 0] * 3])

    @property
    def labels(self):
        """Three outputs of 0 and 1."""
        return np.column_stack([self.y == 0, self.y == 1, self.X[:, 1] > 0]).astype(int)

    def with_nan(self, informative=False):
        X = self.X.copy()
        hole = self.random.rand(*X.shape) < 0.15
        if informative:  # whether there is a value says more than the value: a threshold of +infinity
            hole[:, 0] = self.y == 1
        X[hole] = np.nan
        return X

    def with_codes(self):
        """Columns 0 and 2 hold small whole numbers, as categories do."""
        self.X[:, 0] = np.digitize(self.X[:, 0], [-1, -0.5, 0, 0.5, 1])
        self.X[:, 2] += 3
        self.special = np.array([[17, 0.5, 3, 1e4], [2, 0.5, 99, 1e4], [254, -0.5, 255, -1e4], [2, np.nan, 4, 1e4],
                                 [np.nan, 0.5, 4, 1e4], [1, 0.5, np.nan, 1e4], [np.nan, np.nan, np.nan, np.nan]])
        return self.X

    @property
    def frame(self):
        """Two columns of text, one each of floats, ints and truth values."""
        if not hasattr(self, "_frame"):
            import pandas as pd
            colors, sizes = np.array([u"red", u"green", u"blue", u"caf\u00e9"]), np.array([u"S", u"M", u"L", u"XL"])
            self._frame = pd.DataFrame({
                u"color": colors[np.digitize(self.X[:, 0], [-0.7, 0.0, 0.7])].astype(object),
                u"size": sizes[np.digitize(self.X[:, 1], [-0.5, 0.3, 1.2])].astype(object),
                u"age": 40.0 + self.X[:, 3] / 1e4,
                u"count": self.X[:, 2].astype("int64"),
                u"vip": self.X[:, 0] + self.X[:, 2] > 2,
            }, columns=[u"color", u"size", u"age", u"count", u"vip"])
        return self._frame

    @frame.setter
    def frame(self, frame):
        self._frame = frame

    def with_missing(self, *names):
        """Every seventh value of these columns is missing."""
        self.frame = self.frame.copy()
        for i, name in enumerate(names):
            self._frame.loc[self._frame.index % 7 == i, name] = np.nan
        return self._frame


def case(since=None, until=None, notes=(), formats=("pickle",), columns=None, rows=60, plain=24, near=24,
         X_as=None):
    """Registers a case for the scikit-learn releases since <= release <= until, given as (major, minor).

    rows: how many to fit on. plain, near: how many to ask with that are ordinary, and that stand on thresholds. X_as: None for an array of numbers; "frame" for a DataFrame, "objects"
    for its values as an object array, "categories" for a DataFrame whose text is of dtype category.
    """
    def add(function):
        CASES.append(dict(name=function.__name__, make=function, since=since or (0, 0), until=until or (99, 0),
                          notes=list(notes), formats=formats, columns=columns, rows=rows, plain=plain, near=near,
                          X_as=X_as))
        return function
    return add


def small(**more):
    return dict(dict(n_estimators=3, max_depth=3, random_state=1, n_jobs=1), **more)


def tree(**more):
    return dict(dict(max_depth=4, random_state=2), **more)


def stages(**more):
    return dict(dict(n_estimators=4, max_depth=2, random_state=1), **more)


def base(estimator):
    """The parameter of the inner estimator, renamed in 1.2."""
    return {"estimator" if RELEASE >= (1, 2) else "base_estimator": estimator}


def dense():
    """The parameter of OneHotEncoder, renamed in 1.2."""
    return {"sparse_output" if RELEASE >= (1, 2) else "sparse": False}
