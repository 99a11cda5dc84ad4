package soak

import (
	"encoding/binary"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What testdata/powercut.c notes.
const (
	created = iota + 1
	wrote
	truncated
	synced
	unlinked
	syncedFolder
)

// A note is one thing that was done to a file, and where the notes end behind it.
type note struct {
	what   uint32
	name   string
	offset int64
	data   []byte // what was written
	size   int64  // of what was truncated
	end    int64
}

// notes reads what was noted. SQLite's -shm is left out: each start makes a new one.
func notes(tb testing.TB, path string) []note {
	tb.Helper()
	raw, err := os.ReadFile(path)
	require.NoError(tb, err)
	var all []note
	for at := int64(0); at < int64(len(raw)); {
		head := raw[at:]
		n := note{what: binary.NativeEndian.Uint32(head), offset: int64(binary.NativeEndian.Uint64(head[8:])), size: int64(binary.NativeEndian.Uint64(head[16:]))}
		at += 24
		n.name = string(raw[at : at+int64(binary.NativeEndian.Uint32(head[4:]))])
		at += int64(len(n.name))
		if n.what == wrote {
			n.data = raw[at : at+n.size]
			at += n.size
		}
		if n.end = at; !strings.HasSuffix(n.name, "-shm") {
			all = append(all, n)
		}
	}
	return all
}

// A platter is what a disk surely holds, and what was asked of it since. POSIX promises no
// more: a file's content is safe once it is synced, its name once its folder is.
type platter map[string]*surface

// A surface is one file.
type surface struct {
	content []byte // as it was synced
	pending []note // writes and truncations since
	named   bool   // its name is safe
	gone    bool   // it was unlinked, which is not safe yet
}

func (p platter) file(name string) *surface {
	if p[name] == nil {
		p[name] = &surface{}
	}
	return p[name]
}

// do does what was noted.
func (p platter) do(n note) {
	switch n.what {
	case created:
		p[n.name] = &surface{}
	case wrote, truncated:
		f := p.file(n.name)
		f.pending = append(f.pending, n)
	case synced:
		f := p.file(n.name)
		for _, one := range f.pending {
			f.content = one.on(f.content)
		}
		f.pending = nil
	case unlinked:
		p.file(n.name).gone = true
	case syncedFolder:
		for name, f := range p {
			if f.named = true; f.gone {
				delete(p, name)
			}
		}
	}
}

// on does a write or a truncation to a content, which is not changed itself.
func (n note) on(content []byte) []byte {
	end := n.size
	if n.what == wrote {
		end = max(n.offset+int64(len(n.data)), int64(len(content)))
	}
	changed := make([]byte, end)
	copy(changed, content)
	if n.what == wrote {
		copy(changed[n.offset:], n.data)
	}
	return changed
}

// How the disk takes it when the power fails.
const (
	losesAll  = iota // what is not safe is not there
	keepsAll         // it is
	keepsSome        // some of it is, in any order, torn at sectors of 512 bytes
	ways
)

// cut is what the disk holds when the power fails now.
func (p platter) cut(how int, random *rand.Rand) map[string][]byte {
	left := make(map[string][]byte)
	for name, f := range p {
		lucky := func() bool { return how == keepsAll || how == keepsSome && random.IntN(2) == 0 }
		if !f.named && !lucky() || f.gone && (how == keepsAll || how == keepsSome && lucky()) {
			continue
		}
		content := f.content
		pending := f.pending
		if how == keepsSome {
			pending = torn(pending, random)
		}
		if how != losesAll {
			for _, one := range pending {
				content = one.on(content)
			}
		}
		left[name] = content
	}
	return left
}

// torn is a part of what was asked, by sectors and in any order.
func torn(pending []note, random *rand.Rand) []note {
	const sector = 512
	var part []note
	for _, n := range pending {
		if n.what == truncated {
			if random.IntN(2) == 0 {
				part = append(part, n)
			}
			continue
		}
		for piece := range slices.Chunk(n.data, sector) {
			if random.IntN(2) == 0 {
				part = append(part, note{what: wrote, offset: n.offset, data: piece})
			}
			n.offset += int64(len(piece))
		}
	}
	random.Shuffle(len(part), func(i, j int) { part[i], part[j] = part[j], part[i] })
	return part
}

// write writes what is left into a folder.
func write(tb testing.TB, folder string, left map[string][]byte) {
	tb.Helper()
	for name, content := range left {
		require.NoError(tb, os.WriteFile(filepath.Join(folder, name), content, 0o600))
	}
}

// TestDiskSimulator: what is synced survives, what is not may or may not.
func TestDiskSimulator(t *testing.T) {
	t.Parallel()
	p := make(platter)
	for _, n := range []note{
		{what: created, name: "a"},
		{what: wrote, name: "a", data: []byte("safe")},
		{what: synced, name: "a"},
		{what: syncedFolder},
		{what: wrote, name: "a", offset: 4, data: []byte("?")},
		{what: created, name: "b"},
		{what: wrote, name: "b", data: []byte("b")},
		{what: synced, name: "b"},
	} {
		p.do(n)
	}
	random := rand.New(rand.NewPCG(1, 1))
	assert.Equal(t, map[string][]byte{"a": []byte("safe")}, p.cut(losesAll, random))
	assert.Equal(t, map[string][]byte{"a": []byte("safe?"), "b": []byte("b")}, p.cut(keepsAll, random))
	seen := make(map[string]bool)
	for range 100 {
		left := p.cut(keepsSome, random)
		_, b := left["b"]
		seen[string(left["a"])+map[bool]string{true: " b"}[b]] = true
	}
	assert.Equal(t, map[string]bool{"safe": true, "safe?": true, "safe b": true, "safe? b": true}, seen)
	p.do(note{what: unlinked, name: "a"})
	assert.Contains(t, p.cut(losesAll, random), "a", "its end is not safe")
	assert.NotContains(t, p.cut(keepsAll, random), "a")
	p.do(note{what: syncedFolder})
	assert.NotContains(t, p.cut(losesAll, random), "a")
}
