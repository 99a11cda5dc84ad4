package main

import (
	"fmt"
	"os"
	"slices"
)

// rejects is the file of wrong rows, which is made for the first of them.
type rejects struct {
	path string // empty to keep none
	file *os.File
}

// keep adds a row, byte for byte, under the header of where it came from.
func (r *rejects) keep(header, raw []byte) error {
	if r.path == "" {
		return nil
	}
	if r.file == nil {
		file, err := os.OpenFile(r.path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("the wrong rows cannot be kept: %w; --rejected names another file", err)
		}
		r.file = file
		if err := r.line(header); err != nil {
			return err
		}
	}
	return r.line(raw)
}

func (r *rejects) line(raw []byte) error {
	if len(raw) == 0 || raw[len(raw)-1] != '\n' {
		raw = append(slices.Clip(raw), '\n')
	}
	if _, err := r.file.Write(raw); err != nil {
		return fmt.Errorf("the wrong rows cannot be kept: %w", err)
	}
	return nil
}

func (r *rejects) close() error {
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}
