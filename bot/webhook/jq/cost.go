package jq

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"

	"github.com/itchyny/gojq"

	"smileybot/feedback"
)

// ours begins the names of the payments.
const ours = "_smileybot_"

// The payments, as the rewritten expression calls them. Their first argument is the account.
const (
	payDeep  = ours + "deep"  // (account; times): the input and all in it
	payFlat  = ours + "flat"  // (account): the input without what is in its values
	payIndex = ours + "index" // (account): the input as an index, or as a list of them
	payPair  = ours + "pair"  // (account; operator; left; right): an operator; returns both
	payMatch = ours + "match" // (account; number): a regular expression over the input
)

// cost is what a function of jq pays before it is called.
type cost struct {
	flat      bool // its input, without what is in the input's values
	deep      int  // its input and all in it, so many times
	arguments int  // what its arguments return, so many times
	indexes   bool // its arguments are indexes
	pair      bool // like an operator between its input and its argument
}

// costs are the functions that expressions have, by name and number of arguments. What is not listed,
// such as input, env or setpath, is not available.
func costs() map[string]cost {
	all := make(map[string]cost)
	list := func(c cost, names string) {
		for name := range strings.FieldsSeq(names) {
			all[name] = c
		}
	}
	// One instruction, or one for each value that they look at.
	list(cost{}, `empty/0 not/0 type/0 length/0 utf8bytelength/0 has/1 in/1 select/1 tonumber/0 toboolean/0
		startswith/1 endswith/1 ltrimstr/1 rtrimstr/1 trimstr/1 ltrim/0 rtrim/0 trim/0
		floor/0 round/0 ceil/0 trunc/0 sqrt/0 pow/2 log/0 log2/0 log10/0 exp/0 exp2/0 exp10/0 fabs/0 abs/0 fmin/2 fmax/2
		infinite/0 nan/0 isinfinite/0 isnan/0 isnormal/0
		arrays/0 objects/0 iterables/0 booleans/0 numbers/0 strings/0 nulls/0 values/0 scalars/0
		first/0 first/1 last/0 last/1 limit/2 skip/2 nth/2 until/2 while/2 repeat/1 range/1 range/2 range/3
		isempty/1 any/2 all/2 path/1 recurse/1 recurse/2`)
	list(cost{indexes: true}, `nth/1 getpath/1`)
	list(cost{flat: true}, `keys/0 to_entries/0 with_entries/1 from_entries/0 map/1 map_values/1 any/0 any/1 all/0 all/1 reverse/0
		todate/0 fromdate/0 todateiso8601/0 fromdateiso8601/0 gmtime/0 mktime/0`)
	list(cost{deep: 1, arguments: 1}, `error/0 error/1 add/0 add/1 tojson/0 tostring/0 ascii_downcase/0 ascii_upcase/0 implode/0
		flatten/0 flatten/1 strptime/1 IN/1 IN/2 INDEX/1 INDEX/2`)
	list(cost{deep: 1}, `walk/1 recurse/0 paths/0 paths/1 del/1 pick/1`)
	list(cost{deep: 4}, `sort/0 min/0 max/0 unique/0`)
	list(cost{flat: true, arguments: 4}, `sort_by/1 group_by/1 unique_by/1 min_by/1 max_by/1`)
	list(cost{deep: unit}, `explode/0 split/1 fromjson/0`) // a value for each byte
	const widest = 512                                     // bytes that two letters of a format can make
	list(cost{deep: 1, arguments: widest}, `strftime/1`)
	list(cost{pair: true}, `join/1 contains/1 inside/1 index/1 rindex/1 indices/1`)
	return all
}

// matching are the functions with a regular expression, which is their first argument, by the place of
// the argument with its flags, 0 without one.
func matching() map[string]int {
	return map[string]int{
		"test/1": 0, "match/1": 0, "capture/1": 0, "scan/1": 0, "splits/1": 0, "sub/2": 0, "gsub/2": 0,
		"test/2": 1, "match/2": 1, "capture/2": 1, "scan/2": 1, "splits/2": 1, "split/2": 1, "sub/3": 2, "gsub/3": 2,
	}
}

// nearest is the function whose name is most like a name.
func nearest(name string) string {
	var names []string
	for known := range costs() {
		names = append(names, strings.Split(known, "/")[0])
	}
	for known := range matching() {
		names = append(names, strings.Split(known, "/")[0])
	}
	slices.Sort(names)
	near := feedback.Nearest(name, slices.Compact(names))
	if feedback.Distance(name, near) > 2 {
		return ""
	}
	return near
}

// pattern is a regular expression and the size of the machine that looks for it.
type pattern struct {
	*regexp.Regexp

	states int
}

// maxStates is the largest machine of a regular expression. Usual ones have fewer than 100.
const maxStates = 2000

// match rewrites a call with a regular expression, which is part of the text of the program: one from
// the body could be of any size.
func (g *guard) match(f *gojq.Func, flags int) *gojq.Term {
	text, isText := literal(f.Args[0])
	modes, isModes := "", true
	if flags > 0 {
		modes, isModes = literal(f.Args[flags])
	}
	if !isText || !isModes {
		g.wrong("a regular expression that is not a text in quotes", `write it out, as in test("^a+$"), and its flags too`)
		return nil
	}
	if strings.Trim(modes, "gim") != "" {
		g.wrong("flags of a regular expression that are not known", "write g, i or m")
		return nil
	}
	prefix := ""
	if strings.Contains(modes, "i") {
		prefix += "(?i)"
	}
	if strings.Contains(modes, "m") {
		prefix += "(?s)"
	}
	compiled, err := regexp.Compile(prefix + text)
	if err != nil {
		g.wrong("no regular expression: "+err.Error(), "write it as RE2 has it")
		return nil
	}
	states := machine(prefix + text)
	if states > maxStates {
		g.wrong("a regular expression with a repetition that is too large", "write * or + in place of a number")
		return nil
	}
	g.patterns = append(g.patterns, &pattern{compiled, states})
	if f.Name == "sub" || f.Name == "gsub" {
		f.Args[1] = pipe(f.Args[1], paidDeep(1))
	}
	here := &gojq.Query{Term: &gojq.Term{Type: gojq.TermTypeFunc, Func: f}}
	return inBrackets(pipe(call(payMatch, call(account), number(len(g.patterns)-1)), here))
}

// literal is a text that is part of the program, or null, which is "".
func literal(q *gojq.Query) (string, bool) {
	t := q.Term
	if t == nil || len(t.SuffixList) > 0 {
		return "", false
	}
	if t.Type == gojq.TermTypeNull {
		return "", true
	}
	return text(t), t.Type == gojq.TermTypeString && t.Str.Queries == nil
}

func text(t *gojq.Term) string {
	if t.Str == nil {
		return ""
	}
	return t.Str.Str
}

// machine is how many states a regular expression has.
func machine(text string) int {
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return 0 // unreachable: it is compiled already
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return 0
	}
	return len(program.Inst)
}

// functions are the payments.
func (g *guard) functions() []gojq.CompilerOption {
	paying := func(name string, arguments int, pay func(r *run, input any, arguments []any) bool) gojq.CompilerOption {
		return gojq.WithFunction(name, arguments+1, arguments+1, func(input any, all []any) any {
			r, _ := all[0].(*run)
			if !pay(r, input, all[1:]) {
				return ErrBudget
			}
			return input
		})
	}
	return []gojq.CompilerOption{
		paying(payDeep, 1, func(r *run, input any, arguments []any) bool {
			times, _ := gojq.ToInt(arguments[0])
			return r.deep(input, times)
		}),
		paying(payFlat, 0, func(r *run, input any, _ []any) bool { return r.flat(input, 1) }),
		paying(payIndex, 0, func(r *run, input any, _ []any) bool { return r.index(input) }),
		paying(payMatch, 1, func(r *run, input any, arguments []any) bool {
			number, _ := gojq.ToInt(arguments[0])
			return r.match(g.patterns[number], input)
		}),
		gojq.WithFunction(payPair, 4, 4, func(_ any, all []any) any {
			r, _ := all[0].(*run)
			operator, _ := all[1].(string)
			if !r.pair(operator, all[2], all[3]) {
				return ErrBudget
			}
			return []any{all[2], all[3]}
		}),
	}
}

// index pays for an index as if a list of that length were made.
func (r *run) index(value any) bool {
	if path, is := value.([]any); is {
		return r.flat(path, 1) && !slices.ContainsFunc(path, func(one any) bool { return !r.index(one) })
	}
	if object, is := value.(map[string]any); is {
		return r.flat(object, 1)
	}
	n, _ := gojq.ToInt(value)
	return r.pay(n)
}

// match pays for looking for all matches of a regular expression.
func (r *run) match(p *pattern, value any) bool {
	text, is := value.(string)
	if !is {
		return true // an error of the function
	}
	const (
		states = 8  // that are looked at in the time of a unit
		runes  = 16 // that are counted in the time of a unit, again for each match
	)
	if !r.pay(len(text) * p.states / states) {
		return false
	}
	found := len(p.FindAllStringIndex(text, -1))
	return r.pay(found * (1 + p.NumSubexp()) * (1 + len(text)/runes))
}

// pair pays for an operator, or for a function of its input and one argument.
func (r *run) pair(operator string, left, right any) bool {
	switch operator {
	case "+":
		return r.flat(left, 1) && r.flat(right, 1)
	case "*":
		return r.times(left, right)
	case "/", "%":
		if text, is := left.(string); is {
			return r.pay(len(text)) && r.flat(right, 1) // a text for each byte
		}
		return r.product(left, right)
	case "==", "!=", "<", "<=", ">", ">=":
		if isScalar(left) || isScalar(right) {
			return r.pay(min(size(left), size(right)))
		}
		return r.deep(left, 1) && r.deep(right, 1)
	case "join":
		list, _ := left.([]any)
		return r.deep(left, 1) && r.flat(right, 1+len(list))
	case "-":
		if isScalar(left) {
			return r.flat(left, 1) && r.flat(right, 1)
		}
		return r.product(left, right)
	default: // contains, inside, index, rindex, indices
		if text, is := left.(string); is {
			return r.pay(len(text)) && r.flat(right, 1+len(text)/unit)
		}
		return r.product(left, right)
	}
}

// product pays for comparing all in one value with all in another.
func (r *run) product(left, right any) bool {
	before := r.budget.left
	if !r.deep(left, 1) {
		return false
	}
	between := r.budget.left
	return r.deep(right, 1) && r.pay(min(before-between, maxUnits)*min(between-r.budget.left, maxUnits))
}

// times pays for left * right: numbers, a text that is repeated, or objects that are merged.
func (r *run) times(left, right any) bool {
	for range 2 {
		text, isText := left.(string)
		if n, isNumber := gojq.ToFloat64(right); isText && isNumber {
			return r.pay(int(min(float64(size(text))*max(n, 0), maxUnits+1)))
		}
		left, right = right, left
	}
	if isScalar(left) && isScalar(right) {
		return r.pay(min(size(left), maxUnits) * min(size(right), maxUnits))
	}
	return r.deep(left, 1) && r.deep(right, 1)
}

func isScalar(value any) bool {
	switch value.(type) {
	case []any, map[string]any:
		return false
	default:
		return true
	}
}
