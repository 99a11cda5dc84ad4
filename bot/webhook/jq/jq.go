// Package jq compiles and evaluates jq expressions of mappings, with bounds on time and memory.
//
// The interpreter is github.com/itchyny/gojq. It stops between two of its instructions and never inside
// one, and one instruction may make a gigabyte or compare values for hours. So an expression is
// rewritten before it is compiled, see guard.go: what can be expensive is paid for from a [Budget]
// first. An expression that takes more than its budget, or more than [maxTime], ends with [ErrBudget].
//
// Expressions see their input and variables, and nothing else: no modules, environment, clock, further
// input, or output.
package jq

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/itchyny/gojq"
)

const (
	// MaxText is the longest expression, in bytes.
	MaxText = 8 << 10
	// maxUnits are the units of a [Budget]. A unit pays for one instruction, or for 16 bytes of a value
	// that an instruction reads or makes: some 50 ms and 30 MB in all.
	maxUnits = 1 << 20
	// maxTime is how long one expression may take.
	maxTime = 100 * time.Millisecond
	// minUnits are the units that an expression may use however long they take, so that a machine that
	// pauses costs no rating.
	minUnits = 1 << 12
	// maxNesting is how deep a value may be. A body is at most 100 deep.
	maxNesting = 1000
)

var (
	// ErrBudget is returned by an expression that takes too much time or memory. Its text continues the
	// name of a field.
	ErrBudget = errors.New("takes too much time or memory over this body: write a shorter jq expression, without .. and without a loop in a loop")
	// ErrFailed is returned by an expression that ends with an error of its own. The error that wraps it
	// quotes values of the body in its text, which [Cause] returns.
	ErrFailed = errors.New("ends with an error over this body: try it with smileybot map")
)

// failure is an error of an expression, with the values of the body that it quotes.
type failure struct{ cause string }

func (failure) Error() string { return ErrFailed.Error() }

func (failure) Unwrap() error { return ErrFailed }

// Cause is what an expression says about its error, for the operator's eyes only: it may quote the body.
func Cause(err error) string {
	f, _ := errors.AsType[failure](err)
	return f.cause
}

// Mistake is what is wrong with the text of an expression.
type Mistake struct{ Problem, Remedy string } //nolint:errname // as in a file of mappings, a person reads it

// Error is the problem and the remedy.
func (m Mistake) Error() string { return m.Problem + "; " + m.Remedy }

// Program is a compiled expression. It may be used concurrently.
type Program struct{ code *gojq.Code }

// Variables are the values of $body, $headers, $query and $form.
type Variables struct{ Body, Headers, Query, Form any }

// variables are the names of [Variables] in their order, and that of the account, which the rewritten
// expression hands to the guards.
func variables() []string { return []string{"$body", "$headers", "$query", "$form", account} }

// Compile reads an expression. The error is a [Mistake].
func Compile(text string) (*Program, error) {
	if len(text) > MaxText {
		return nil, Mistake{"a jq expression longer than 8 KiB", "write a shorter one"}
	}
	query, err := gojq.Parse(text)
	if err != nil {
		return nil, Mistake{"no jq: " + place(text, err), "write it as in .ticket.id, and put quotes around the whole expression"}
	}
	g := guard{}
	g.query(query)
	if g.mistake != nil {
		return nil, *g.mistake
	}
	options := append([]gojq.CompilerOption{gojq.WithVariables(variables())}, g.functions()...)
	code, err := gojq.Compile(query, options...)
	if err != nil {
		return nil, Mistake{"no jq: " + err.Error(), "see docs/senders/mapping.md"}
	}
	return &Program{code}, nil
}

// place says where an expression goes wrong.
func place(text string, err error) string {
	e, ok := errors.AsType[*gojq.ParseError](err)
	if !ok || e.Token == "" {
		return err.Error()
	}
	return fmt.Sprintf("%s after %q", err, strings.TrimSuffix(text[:min(max(e.Offset, 0), len(text))], e.Token))
}

// Budget is what all expressions over one body may take together. It is for one goroutine.
type Budget struct{ left int }

// NewBudget returns a full budget.
func NewBudget() *Budget { return &Budget{left: maxUnits} }

// First returns the first value of an expression; nil when it has none. Values are as encoding/json has
// them, with numbers as [json.Number]. The error is [ErrBudget] or wraps [ErrFailed].
func (p *Program) First(input any, v Variables, b *Budget) (any, error) {
	all, err := p.All(input, v, b, 1)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return all[0], nil
}

// All returns the values of an expression, at most so many.
func (p *Program) All(input any, v Variables, b *Budget, most int) ([]any, error) {
	r := &run{Context: context.Background(), budget: b, spare: b.left - minUnits, deadline: time.Now().Add(maxTime)}
	values := p.code.RunWithContext(r, input, v.Body, v.Headers, v.Query, v.Form, r)
	var all []any
	for len(all) < most {
		value, more := values.Next()
		if r.over {
			return nil, ErrBudget
		}
		if !more {
			break
		}
		if err, failed := value.(error); failed {
			if halt, ok := errors.AsType[*gojq.HaltError](err); ok && halt.Value() == nil {
				break
			}
			return nil, failure{err.Error()}
		}
		if !r.deep(value, 1) {
			return nil, ErrBudget
		}
		all = append(all, plain(value))
	}
	return all, nil
}

// run is one evaluation. It is the context of the interpreter, which asks for Done before each
// instruction, and the account of the guards.
type run struct {
	context.Context //nolint:containedctx // it is one

	budget   *Budget
	spare    int // of the budget, when the time begins to count
	deadline time.Time
	steps    int
	over     bool
}

// Done pays for an instruction. It returns a closed channel when the evaluation must end.
func (r *run) Done() <-chan struct{} {
	r.steps++
	r.pay(1)
	const between = 64 // instructions between two looks at the clock
	if r.steps%between == 0 && r.budget.left < r.spare && time.Now().After(r.deadline) {
		r.over = true
	}
	if r.over {
		return closed()
	}
	return nil
}

// Err is the error of a context that is done.
func (r *run) Err() error { return ErrBudget }

func closed() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}

// pay takes units from the budget. It returns false when they are used up.
func (r *run) pay(units int) bool {
	r.budget.left -= min(max(units, 0), maxUnits+1)
	if r.budget.left < 0 {
		r.budget.left, r.over = 0, true
	}
	return !r.over
}

// unit is how many bytes of a text a unit pays for.
const unit = 16

// deep pays for a value and all that is in it, so many times.
func (r *run) deep(value any, times int) bool { return r.nested(value, times, maxNesting) }

func (r *run) nested(value any, times, depth int) bool {
	if depth == 0 {
		r.over = true
		return false
	}
	if !r.flat(value, times) {
		return false
	}
	switch v := value.(type) {
	case []any:
		for _, inner := range v {
			if !r.nested(inner, times, depth-1) {
				return false
			}
		}
	case map[string]any:
		for name, inner := range v {
			if !r.pay(len(name)/unit*times) || !r.nested(inner, times, depth-1) {
				return false
			}
		}
	}
	return true
}

// flat pays for a value without what is in its values.
func (r *run) flat(value any, times int) bool { return r.pay(size(value) * times) }

// size is a value in units, without what is in its values.
func size(value any) int {
	switch v := value.(type) {
	case string:
		return 1 + len(v)/unit
	case json.Number:
		return 1 + len(v)/unit
	case *big.Int:
		return 1 + v.BitLen()/unit
	case []any:
		return 1 + len(v)
	case map[string]any:
		return 1 + 2*len(v)
	default:
		return 1
	}
}

// plain is a value with its numbers as [json.Number]. What JSON has no number for is null.
func plain(value any) any {
	switch v := value.(type) {
	case int:
		return json.Number(strconv.Itoa(v))
	case *big.Int:
		return json.Number(v.String())
	case float64:
		const whole = 1 << 53 // below, floats are exact
		switch {
		case math.IsNaN(v) || math.IsInf(v, 0):
			return nil
		case v == math.Trunc(v) && math.Abs(v) < whole:
			return json.Number(strconv.FormatInt(int64(v), 10))
		default:
			return json.Number(strconv.FormatFloat(v, 'g', -1, 64))
		}
	case []any:
		list := slices.Clone(v)
		for i := range list {
			list[i] = plain(list[i])
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for name, inner := range v {
			object[name] = plain(inner)
		}
		return object
	default:
		return value
	}
}
