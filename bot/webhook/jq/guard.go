package jq

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/itchyny/gojq"
)

// account is the variable with the [run]. An expression cannot name it.
const account = "$__run"

// A guard rewrites an expression in place, so that it pays before each instruction whose cost depends on
// its values. It keeps the first mistake: a function that is not available, or a variable of our own.
//
// The payments return their input as it is, so that the interpreter still knows it as a place in the
// body, which it needs for assignments.
type guard struct {
	mistake  *Mistake
	defined  []string // functions of the expression, as name/arity
	patterns []*pattern
}

func (g *guard) wrong(problem, remedy string) {
	if g.mistake == nil {
		g.mistake = &Mistake{problem, remedy}
	}
}

// query rewrites a query and all in it.
func (g *guard) query(q *gojq.Query) {
	if q == nil {
		return
	}
	if q.Meta != nil || len(q.Imports) > 0 {
		g.wrong("jq modules are not available", "write the function into the expression")
		return
	}
	known := len(g.defined)
	defer func() { g.defined = g.defined[:known] }()
	for _, f := range q.FuncDefs {
		g.define(f)
	}
	g.bindings(q.Patterns)
	g.query(q.Left)
	g.query(q.Right)
	g.term(q.Term)
	operator, left, right := q.Op, q.Left, q.Right
	switch operator {
	case gojq.OpAdd, gojq.OpSub, gojq.OpMul, gojq.OpDiv, gojq.OpMod,
		gojq.OpEq, gojq.OpNe, gojq.OpGt, gojq.OpLt, gojq.OpGe, gojq.OpLe:
		replace(q, paidPair(operator.String(), left, right, func(l, r *gojq.Query) *gojq.Query {
			return &gojq.Query{Left: l, Op: operator, Right: r}
		}))
	case gojq.OpAssign, gojq.OpModify:
		replace(q, pipe(paidDeep(1), &gojq.Query{Left: left, Op: operator, Right: pipe(right, paidDeep(1))}))
	case gojq.OpUpdateAdd, gojq.OpUpdateSub, gojq.OpUpdateMul, gojq.OpUpdateDiv, gojq.OpUpdateMod, gojq.OpUpdateAlt:
		replace(q, updated(operator, left, right))
	default: // pipes, commas, and, or, // cost one instruction
	}
}

// updated is left op= right: the value at each place of left and the one of right, with the operator.
func updated(operator gojq.Operator, left, right *gojq.Query) *gojq.Query {
	const value = "$__value"
	plain := strings.TrimSuffix(operator.String(), "=")
	change := &gojq.Query{Left: identity(), Op: gojq.OpAlt, Right: call(value)}
	if operators := map[string]gojq.Operator{"+": gojq.OpAdd, "-": gojq.OpSub, "*": gojq.OpMul, "/": gojq.OpDiv, "%": gojq.OpMod}; operators[plain] != 0 {
		change = paidPair(plain, identity(), call(value), func(l, r *gojq.Query) *gojq.Query {
			return &gojq.Query{Left: l, Op: operators[plain], Right: r}
		})
	}
	change = &gojq.Query{Left: left, Op: gojq.OpModify, Right: pipe(change, paidDeep(1))}
	bound := &gojq.Query{Left: right, Patterns: []*gojq.Pattern{{Name: value}}, Op: gojq.OpPipe, Right: change}
	return pipe(paidDeep(1), bound)
}

// replace puts a query in the place of another, whose functions stay defined.
func replace(q, by *gojq.Query) {
	defined := q.FuncDefs
	*q = *by
	q.FuncDefs = defined
}

// define rewrites the body of a function.
func (g *guard) define(f *gojq.FuncDef) {
	if strings.HasPrefix(f.Name, ours) {
		g.wrong("the function "+f.Name+" cannot be defined", "call it otherwise")
	}
	g.defined = append(g.defined, signature(f.Name, len(f.Args)))
	known := len(g.defined)
	for _, parameter := range f.Args {
		g.variable(parameter)
		g.defined = append(g.defined, signature(strings.TrimPrefix(parameter, "$"), 0))
	}
	g.query(f.Body)
	g.defined = g.defined[:known]
}

func signature(name string, arguments int) string { return name + "/" + strconv.Itoa(arguments) }

// variable reports the name of a variable that is not for expressions.
func (g *guard) variable(name string) {
	if strings.HasPrefix(name, "$__") || name == "$ENV" {
		g.wrong("the variable "+name+" is not available", "there are $body, $headers, $query and $form")
	}
}

// bindings rewrites the queries in the patterns of variables.
func (g *guard) bindings(patterns []*gojq.Pattern) {
	for _, p := range patterns {
		g.variable(p.Name)
		g.bindings(p.Array)
		for _, kv := range p.Object {
			g.variable(kv.Key)
			g.text(kv.KeyString)
			g.query(kv.KeyQuery)
			if kv.Val != nil {
				g.bindings([]*gojq.Pattern{kv.Val})
			}
		}
	}
}

// term rewrites a term and all in it.
func (g *guard) term(t *gojq.Term) {
	if t == nil {
		return
	}
	g.index(t.Index)
	g.query(t.Query)
	g.text(t.Str)
	g.object(t.Object)
	g.control(t)
	if t.Array != nil {
		g.query(t.Array.Query)
	}
	if t.Unary != nil {
		g.term(t.Unary.Term)
	}
	suffixes := t.SuffixList
	t.SuffixList = nil
	switch t.Type {
	case gojq.TermTypeFunc:
		if by := g.function(t.Func); by != nil {
			*t = *by
		}
	case gojq.TermTypeFormat:
		if t.Str == nil {
			const longest = 8 // times as long as the value, at most
			*t = *inBrackets(pipe(paidDeep(longest), &gojq.Query{Term: &gojq.Term{Type: t.Type, Format: t.Format}}))
		}
	case gojq.TermTypeRecurse:
		*t = *inBrackets(pipe(paidDeep(1), &gojq.Query{Term: &gojq.Term{Type: t.Type}}))
	default: // costs one instruction
	}
	for i, s := range suffixes {
		g.index(s.Index)
		if s.Iter { // takes a list as long as that of the values
			inner := *t
			*t = *inBrackets(pipe(&gojq.Query{Term: &inner}, paidFlat()))
		}
		t.SuffixList = append(t.SuffixList, suffixes[i])
	}
}

// control rewrites the queries in the words of the language.
func (g *guard) control(t *gojq.Term) {
	if f := t.If; f != nil {
		g.query(f.Cond)
		g.query(f.Then)
		for _, e := range f.Elif {
			g.query(e.Cond)
			g.query(e.Then)
		}
		g.query(f.Else)
	}
	if f := t.Try; f != nil {
		g.query(f.Body)
		g.query(f.Catch)
	}
	if f := t.Reduce; f != nil {
		g.query(f.Query)
		g.bindings(f.Patterns)
		g.query(f.Start)
		g.query(f.Update)
	}
	if f := t.Foreach; f != nil {
		g.query(f.Query)
		g.bindings(f.Patterns)
		g.query(f.Start)
		g.query(f.Update)
		g.query(f.Extract)
	}
	if t.Label != nil {
		g.query(t.Label.Body)
	}
}

// text rewrites what is inserted into a text.
func (g *guard) text(s *gojq.String) {
	if s == nil {
		return
	}
	for i, q := range s.Queries {
		if q.Term != nil && q.Term.Str != nil {
			continue // the text between
		}
		g.query(q)
		const longest = 8
		s.Queries[i] = &gojq.Query{Term: inBrackets(pipe(q, paidDeep(longest)))}
	}
}

func (g *guard) object(o *gojq.Object) {
	if o == nil {
		return
	}
	for _, kv := range o.KeyVals {
		g.variable(kv.Key)
		g.text(kv.KeyString)
		g.query(kv.KeyQuery)
		g.query(kv.Val)
	}
}

// index rewrites an index. An assignment makes a list as long as the index is high.
func (g *guard) index(x *gojq.Index) {
	if x == nil {
		return
	}
	g.text(x.Str)
	g.query(x.Start)
	g.query(x.End)
	if x.Start != nil && !x.IsSlice {
		x.Start = pipe(x.Start, call(payIndex, call(account)))
	}
}

// function rewrites a call. It returns the term in its place, nil when the call stays as it is.
func (g *guard) function(f *gojq.Func) *gojq.Term {
	if strings.HasPrefix(f.Name, "$") {
		g.variable(f.Name)
		return nil
	}
	for _, argument := range f.Args {
		g.query(argument)
	}
	name := signature(f.Name, len(f.Args))
	if slices.Contains(g.defined, name) {
		return nil
	}
	if flags, isMatch := matching()[name]; isMatch {
		return g.match(f, flags)
	}
	c, known := costs()[name]
	if !known {
		g.unavailable(f.Name)
		return nil
	}
	for i := range f.Args {
		switch {
		case c.indexes:
			f.Args[i] = pipe(f.Args[i], call(payIndex, call(account)))
		case c.arguments > 0:
			f.Args[i] = pipe(f.Args[i], paidDeep(c.arguments))
		}
	}
	here := &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeFunc, Func: f}}
	switch {
	case c.pair:
		return inBrackets(paidPair(f.Name, identity(), f.Args[0], func(l, r *gojq.Query) *gojq.Query {
			return pipe(l, call(f.Name, r))
		}))
	case c.deep > 0:
		return inBrackets(pipe(paidDeep(c.deep), here))
	case c.flat:
		return inBrackets(pipe(paidFlat(), here))
	default:
		return nil
	}
}

// paidDeep pays for the input, so many times, and returns it.
func paidDeep(times int) *gojq.Query { return call(payDeep, call(account), number(times)) }

// paidFlat pays for the input without what is in its values, and returns it.
func paidFlat() *gojq.Query { return call(payFlat, call(account)) }

// paidPair pays for an operator and evaluates it.
func paidPair(operator string, left, right *gojq.Query, then func(l, r *gojq.Query) *gojq.Query) *gojq.Query {
	const l, r = "$__left", "$__right"
	word := &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeString, Str: &gojq.String{Str: operator}}}
	return &gojq.Query{
		Left:     call(payPair, call(account), word, left, right),
		Patterns: []*gojq.Pattern{{Array: []*gojq.Pattern{{Name: l}, {Name: r}}}},
		Op:       gojq.OpPipe,
		Right:    then(call(l), call(r)),
	}
}

func call(name string, arguments ...*gojq.Query) *gojq.Query {
	return &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeFunc, Func: &gojq.Func{Name: name, Args: arguments}}}
}

func number(n int) *gojq.Query {
	return &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeNumber, Number: strconv.Itoa(n)}}
}

func identity() *gojq.Query { return &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeIdentity}} }

func pipe(first, then *gojq.Query) *gojq.Query {
	return &gojq.Query{Left: first, Op: gojq.OpPipe, Right: then}
}

func inBrackets(q *gojq.Query) *gojq.Term { return &gojq.Term{Type: gojq.TermTypeQuery, Query: q} }

// unavailable reports a function that expressions do not have.
func (g *guard) unavailable(name string) {
	remedy := "leave it out"
	switch name {
	case "input", "inputs":
		remedy = "a body has one value, which is . or $body"
	case "now":
		remedy = "leave out occurred_at: then the time of arrival is taken"
	case "localtime", "strflocaltime":
		remedy = "write gmtime or strftime, or format and zone next to a path"
	case "env", "debug", "stderr", "halt", "halt_error", "input_filename", "modulemeta", "builtins":
	default:
		if near := nearest(name); near != "" {
			remedy = fmt.Sprintf("perhaps %s is meant", near)
		}
	}
	g.wrong("the jq function "+name+" is not available here", remedy)
}
