package sklearn

import "github.com/seed-2867d59c/treeport/pickle"

// lossLink is what a boosting's loss makes of the raw scores; of a loss unknown here it is the loss's own name.
type lossLink string

const (
	identity    lossLink = "identity"
	logLinked   lossLink = "log" // predictions are exp of the raw score
	binomial    lossLink = "binomial"
	exponential lossLink = "exponential"
	multinomial lossLink = "multinomial"
)

// losses are the classes of the loss objects, of all releases: sklearn/ensemble/gradient_boosting.py (until 0.20) and
// _gb_losses.py (until 1.3), sklearn/ensemble/_hist_gradient_boosting/loss.py (until 1.0), sklearn/_loss/loss.py.
var losses = map[string]lossLink{
	"LeastSquaresError": identity, "LeastAbsoluteError": identity, "HuberLossFunction": identity, "QuantileLossFunction": identity,
	"LeastSquares": identity, "LeastAbsoluteDeviation": identity,
	"HalfSquaredError": identity, "AbsoluteError": identity, "PinballLoss": identity, "HuberLoss": identity,
	"Poisson": logLinked, "HalfPoissonLoss": logLinked, "HalfGammaLoss": logLinked,
	"BinomialDeviance": binomial, "BinaryCrossEntropy": binomial, "HalfBinomialLoss": binomial,
	"ExponentialLoss":     exponential,
	"MultinomialDeviance": multinomial, "CategoricalCrossEntropy": multinomial, "HalfMultinomialLoss": multinomial,
}

// lossName is what the loss object of a boosting does, which is _loss or, earlier, loss_.
func lossName(e *object) lossLink {
	for _, attr := range []string{"_loss", "loss_"} {
		v, _ := e.Attr(attr)
		if o, ok := v.(*pickle.Object); ok {
			if link, ok := losses[o.Class.Name]; ok {
				return link
			}
			return lossLink(o.Class.Name)
		}
	}
	return lossLink(e.text("loss"))
}
