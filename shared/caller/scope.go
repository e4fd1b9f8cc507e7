package caller

// Scope is the Caller's, known before an API token's row is read; good for
// reading what was kept under it, not yet for answering.
func (c Claim) Scope() string {
	if c.token.ID != "" {
		return scopeOfToken(c.token.ID)
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
