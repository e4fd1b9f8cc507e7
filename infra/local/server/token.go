package server

import (
	"net/http"
	"time"

	"github.com/go-json-experiment/json"

	"rubrica/shared/body"
	"rubrica/shared/caller"
	"rubrica/shared/caller/issuer"
	"rubrica/shared/problem"
	"rubrica/shared/tenant"
)

// serveToken is POST /local/token: it makes a workspace if need be and signs a
// token for it. Whoever can reach this server can be anybody: it is for trying
// and testing, and listens on loopback.
func (s *Server) serveToken(w http.ResponseWriter, r *http.Request) {
	token, err := s.makeToken(r)
	if err != nil {
		refuse(w, err, "local")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.MarshalWrite(w, struct {
		Token string `json:"token"`
	}{token})
}

func (s *Server) makeToken(r *http.Request) (string, error) {
	raw, tooLarge, err := readBody(r.Body, 64<<10)
	switch {
	case err != nil:
		return "", err
	case tooLarge:
		return "", problem.New(problem.TooLarge, "The body is larger than 64 KiB.")
	}
	form, err := body.Parse(raw)
	if err != nil {
		return "", err
	}
	claims := issuer.Claims{
		Workspace: orElse(form.Text("workspace", 63), "demo"),
		Role:      orElse(form.Choice("role", string(caller.Owner), string(caller.Manager), string(caller.Agent)), string(caller.Owner)),
		Subject:   orElse(form.Text("sub", caller.MaxSubject), "user_1"),
	}
	if !caller.ValidSubject(claims.Subject) && !form.Refused("sub") {
		form.Refuse("sub", body.CodeInvalid, "Must be 1 to 255 bytes of visible characters without spaces.")
	}
	if claims.Integration = form.Text("integration", caller.MaxIntegration); claims.Integration != "" && !caller.ValidIntegration(claims.Integration) {
		form.Refuse("integration", body.CodeInvalid, "Must be 1 to 64 bytes of printable characters.")
	}
	form.Strings("restrictions", 10, func(_, name string) { claims.Restrictions = append(claims.Restrictions, name) })
	if _, err := caller.ParseRestrictions(claims.Restrictions...); err != nil {
		form.Refuse("restrictions", body.CodeChoice, "Must be of no-delete, no-export, only-assigned.")
	}
	if _, err := tenant.Parse(claims.Workspace); err != nil {
		form.Refuse("workspace", body.CodeInvalid, err.Error())
	}
	ttl, given := form.Int("ttlSeconds", -3600, 366*24*3600)
	if !given {
		ttl = 3600
	}
	if err := form.Err(); err != nil {
		return "", err
	}
	if _, err := s.EnsureWorkspace(r.Context(), claims.Workspace); err != nil {
		return "", err
	}
	return s.Token(claims, time.Duration(ttl)*time.Second)
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
