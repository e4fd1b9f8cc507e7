package caller

// Scope is what idempotency keys are scoped to, as far as a header tells: that
// of a JWT's caller, and the token's id of an API token.
func (c Claim) Scope() string {
	if c.token.ID != "" {
		return "token:" + c.token.ID
	}
	return c.caller.Scope()
}

// Subject is who the header says is calling: verified of a JWT, claimed by an
// API token.
func (c Claim) Subject() string {
	if c.token.ID != "" {
		return subjectOfToken(c.token.ID)
	}
	return c.caller.Subject
}
