package message

import (
	"embed"
	"fmt"

	"github.com/BurntSushi/toml"
	"github.com/nicksnyder/go-i18n/v2/i18n"
	"golang.org/x/text/language"
)

// cataloguesFS has a file for each language: every sentence by its key.
//
//go:embed catalogue/*.toml
var cataloguesFS embed.FS

// catalogues are the words of all languages. They are part of the program, so one
// that cannot be read is a bug that every test meets.
func catalogues() *i18n.Bundle {
	bundle := i18n.NewBundle(language.English)
	bundle.RegisterUnmarshalFunc("toml", toml.Unmarshal)
	for _, l := range Languages() {
		if _, err := bundle.LoadMessageFileFS(cataloguesFS, "catalogue/active."+string(l)+".toml"); err != nil {
			panic(fmt.Sprintf("the catalogue of %q: %v", l, err))
		}
	}
	return bundle
}
