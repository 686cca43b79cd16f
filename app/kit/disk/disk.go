// Package disk asks the system about the place data lies on: how much room is left, and which file a file is.
package disk
