//go:build !cgo

package cgo

// The undefined name is the message: the compiler prints it.
var _ = smileybot_needs_cgo__install_a_C_compiler_such_as_gcc_and_set_CGO_ENABLED_1
