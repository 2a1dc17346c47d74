// Package verify holds two answers to the same rows against each other, and makes rows that are worth asking about.
//
// Probes makes rows from a model's own splits. Models compares a source with its artifact as this project evaluates them,
// Run compares with what another program makes of the artifact, Answers with answers known beforehand, Original with what
// scikit-learn itself says in a process of its own. Each of them
// makes a Check; a Report lists the checks that were done and those that were not.
//
// The package knows models, not formats: callers hand in what they read.
package verify
