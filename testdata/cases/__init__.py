"""The models, one function each: it gets a Data and returns a fitted model. Its name is the case's name."""
from .data import CASES, RELEASE, Data
from .trees_forests import chain, steps
from . import boosting, hist_boosting, ensembles, wrappers, preprocessing, pipelines, frames, boosters  # noqa: F401
