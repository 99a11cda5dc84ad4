// Package cgo fails to compile without cgo, with one error that says what to do.
//
// SQLite is C. Without this package the compiler lists ten undefined names of its driver instead.
package cgo
