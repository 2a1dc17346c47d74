package pmml

// Texts of a leaf's ScoreDistributions, for the writer and for the reader, which looks for them.

const fewClasses = 32 // up to here the texts of leaves of one class are kept ready

// entries are, per class, a ScoreDistribution up to its count. Labels are escaped.
func entries(labels [][]byte) [][]byte {
	list := make([][]byte, len(labels))
	for j, label := range labels {
		list[j] = append(append([]byte(`<ScoreDistribution value="`), label...), `" recordCount="`...)
	}
	return list
}

// appendCounts appends a leaf's record counts; those of 0 where all are asked for.
func appendCounts(b []byte, entry [][]byte, count []float64, all bool) []byte {
	for j, v := range count {
		if v == 0 && !all {
			continue
		}
		b = append(b, entry[j]...)
		b = appendFloat(b, v)
		b = append(b, `"/>`...)
	}
	return b
}

// loneClasses are, per class, the texts of a leaf that has only it; nil where classes are many.
func loneClasses(entry [][]byte, all bool) [][]byte {
	if len(entry) > fewClasses {
		return nil
	}
	list := make([][]byte, len(entry))
	for j := range entry {
		one := make([]float64, len(entry))
		one[j] = 1
		list[j] = appendCounts(nil, entry, one, all)
	}
	return list
}
