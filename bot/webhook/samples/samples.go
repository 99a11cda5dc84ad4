// Package samples has what each sender really sends, for `smileybot send --as` and the
// tests. README.md beside the files tells where each shape comes from and how far to trust
// it.
package samples

import (
	"embed"
	"fmt"
)

//go:embed *.json *.form
var files embed.FS

// Read returns a sample by the name of its file.
func Read(name string) ([]byte, error) {
	body, err := files.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("there is no sample %s", name)
	}
	return body, nil
}
