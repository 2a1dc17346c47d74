module github.com/seed-2867d59c/treeport

go 1.26.8
