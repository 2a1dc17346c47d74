// Package pipelines converts many models: stages from a configuration, run over folders and buckets.
//
// A Config names the stages: source (which files), select (which of their versions), read (under which limits), check (what is looked at
// besides), emit (which formats), verify (against what), publish (where to) and report. Load reads one from a file and the environment.
//
// Make plans a run: it lists the models, names every output, and refuses what can't go well, such as two models with one output, before
// anything is written. (*Plan).Run does the work, in a pool that stays within its memory, and records every model in the manifest, so that
// a run that was interrupted, or killed, goes on where it was.
package pipelines
