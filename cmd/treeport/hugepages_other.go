//go:build !linux

package main

// growInHugePages does nothing: other systems decide it alone.
func growInHugePages(int64) {}
