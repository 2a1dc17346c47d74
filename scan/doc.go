// Package scan tells what loading a model file with Python would do, without loading it. Every name that a file has looked up, and
// every call that it makes, is held against a list of what honest files of scikit-learn, XGBoost, LightGBM, CatBoost, joblib, numpy
// and scipy hold (allowlist.txt, which learn makes of real files). What is not on the list is a finding: no list of dangerous names is
// ever complete, that of the honest ones is short.
package scan
