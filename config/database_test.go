package config_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"smileybot/config"
)

// TestDatabaseURL: the URL of a database may be in a file, and a wrong one is not printed.
func TestDatabaseURL(t *testing.T) {
	const address = "postgres://bot:sesame@db.example.org:5432/smileybot"
	setenv(t, with(map[string]string{"SMILEYBOT_DATABASE_FILE": write(t, address+"\n")}))
	c, err := load(config.Bot)
	require.NoError(t, err)
	assert.Equal(t, address, c.Database.Reveal())
	for _, wrong := range []string{"mysql://bot:sesame@localhost/x", "postgres://bot:sesame@[::1/x"} {
		setenv(t, with(map[string]string{"SMILEYBOT_DATABASE": wrong}))
		_, err := load(config.Bot)
		require.ErrorContains(t, err, "SMILEYBOT_DATABASE")
		assert.NotContains(t, err.Error(), "sesame")
	}
}
