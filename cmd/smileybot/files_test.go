package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFewFiles(t *testing.T) {
	assert.Empty(t, fewFiles(leastFiles))
	few := fewFiles(256)
	require.Len(t, few, 1)
	assert.Equal(t, "limit of open files: 256, fewer than the 2500 that many connections take", few[0].Text)
	assert.NotZero(t, fileLimit())
}
