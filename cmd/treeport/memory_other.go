//go:build !linux

package main

// Other systems decide these alone.

func growInHugePages(int64) {}

func releaseProgram() {}
