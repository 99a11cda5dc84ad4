package feedback

import (
	"maps"
	"strings"
)

// A former customer of a feedback is one that an event named and that an event with another rating
// replaced. The claims keep what was said of them.

// customerFields are the fields of the customer.
func customerFields() []Field { return []Field{FieldCustomerID, FieldCustomerName, FieldCustomerEmail} }

// customer is the customer that a claim names.
func (c Claim) customer() Person {
	return Person{ID: c.People[FieldCustomerID], Name: c.People[FieldCustomerName], Email: c.People[FieldCustomerEmail]}
}

// FormerCustomers are those that claims name by an id or an address that the customer does not have.
func (f Feedback) FormerCustomers() []Person {
	var former []Person
	for _, c := range f.Claims {
		p := c.customer()
		if p.ID != "" && p.ID != f.Customer.ID || p.Email != "" && !strings.EqualFold(p.Email, f.Customer.Email) {
			former = append(former, p)
		}
	}
	return former
}

// WithoutFormer takes a former customer out of the claims: the claims that name them, and those that
// have nothing but their name. is reports whether a person is the customer. remains is true when a field
// of the customer or the comment came with these claims: then the whole feedback has their data.
func (f Feedback) WithoutFormer(is func(Person) bool) (rest []Claim, remains bool) {
	names := make(map[string]bool)
	for _, c := range f.Claims {
		if p := c.customer(); p.Name != "" && is(p) {
			names[p.Name] = true
		}
	}
	for _, c := range f.Claims {
		p := c.customer()
		if !is(p) && (p.ID != "" || p.Email != "" || !names[p.Name]) {
			rest = append(rest, c)
			continue
		}
		remains = remains || f.has(c)
		without := Claim{At: c.At, Rating: c.Rating, People: make(map[Field]string)}
		maps.Copy(without.People, c.People)
		for _, field := range customerFields() {
			delete(without.People, field)
		}
		if without.Rating != nil || len(without.People) > 0 {
			rest = append(rest, without)
		}
	}
	return rest, remains
}

// has reports whether the feedback has the comment or a value of the customer that came with a claim.
func (f Feedback) has(c Claim) bool {
	if f.Comment != "" && f.SetAt[FieldComment].Equal(c.At) {
		return true
	}
	places := personFields()
	for _, field := range customerFields() {
		value := *places[field](&f.Answer)
		if value != "" && value == c.People[field] && f.SetAt[field].Equal(c.At) {
			return true
		}
	}
	return false
}
