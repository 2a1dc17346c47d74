package sklearn_test

import (
	"fmt"
	"log"

	"github.com/seed-2867d59c/treeport/internal/vectors"
	"github.com/seed-2867d59c/treeport/pickle"
	"github.com/seed-2867d59c/treeport/sklearn"
	"github.com/seed-2867d59c/treeport/store"
)

// Find lists the estimators in a file, Read makes a model of one.
func Example() {
	file, err := store.Open("../testdata/py311-sk1.7.2/wrapped/dict.pkl")
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	doc, err := pickle.Decode(vectors.Source(file), pickle.Limits{})
	if err != nil {
		log.Fatal(err)
	}
	for _, found := range sklearn.Find(doc.Root, "model") {
		m, err := sklearn.Read(found.Object, found.Path)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Println(found.Path, found.Object.Class.Name, m.Origin.Get("scikit_learn"))
	}
	// Output: model['model'] RandomForestClassifier 1.7.2
}
