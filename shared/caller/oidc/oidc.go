// Package oidc fetches an identity provider's keys over the network and stores
// them where caller.StoredKeys reads them: OpenID Connect Discovery 1.0, then
// the JWKS document. It is the only part of verifying callers that talks to
// anybody; it runs on a schedule, never in a request.
package oidc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json"

	"rubrica/shared/caller"
	"rubrica/shared/table"
)

// Limits of what a provider may answer.
const (
	MaxDocument  = 256 << 10 // bytes of either document
	MaxRedirects = 3
)

// timeout is for both fetches together; the context may end them earlier.
const timeout = 20 * time.Second

// Refresh fetches the issuer's keys and stores them if they changed; what the
// issuer no longer publishes is gone at once. Any failure, and an answer without
// a usable key, leaves the stored keys as they are. changed tells whether
// anything was written.
//
// The issuer is an https URL, http only on loopback, and must be spelled exactly
// as the provider spells it. Redirects stay on their host. The client's
// transport is used, its cookies and its own rules for redirects are not.
func Refresh(ctx context.Context, client *http.Client, issuer string, t *table.Table) (changed bool, err error) {
	base, err := parseAddress(issuer)
	if err == nil && base.RawQuery != "" {
		err = errors.New("an issuer has no query")
	}
	if err != nil {
		return false, fmt.Errorf("oidc: issuer: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	f := fetcher{&http.Client{Transport: client.Transport, CheckRedirect: sameHost}}
	changed, err = caller.StoreKeys(ctx, t, func(ctx context.Context) (*caller.KeySet, error) {
		return f.keys(ctx, issuer, base)
	})
	if err != nil {
		return false, fmt.Errorf("oidc: refresh the keys of %s: %w", issuer, err)
	}
	return changed, nil
}

type fetcher struct{ client *http.Client }

func (f fetcher) keys(ctx context.Context, issuer string, base *url.URL) (*caller.KeySet, error) {
	var discovered struct {
		Issuer string `json:"issuer"`
		Keys   string `json:"jwks_uri"`
	}
	raw, err := f.get(ctx, strings.TrimSuffix(issuer, "/")+"/.well-known/openid-configuration")
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, &discovered); err != nil {
		return nil, fmt.Errorf("discovery document: %w", err)
	}
	if discovered.Issuer != issuer {
		return nil, fmt.Errorf("discovery document is of another issuer, %q", discovered.Issuer)
	}
	at, err := parseAddress(discovered.Keys)
	if err != nil {
		return nil, fmt.Errorf("jwks_uri: %w", err)
	}
	if at.Scheme != "https" && base.Scheme == "https" {
		return nil, errors.New("jwks_uri: an https issuer publishes its keys over https")
	}
	if raw, err = f.get(ctx, discovered.Keys); err != nil {
		return nil, err
	}
	set, err := caller.NewKeySet(issuer, raw)
	if err != nil {
		return nil, err
	}
	if set.Len() == 0 {
		return nil, errors.New("the issuer publishes no key that tokens can be verified with")
	}
	return set, nil
}

// get returns the body of a 200 answer.
func (f fetcher) get(ctx context.Context, address string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Accept", "application/json")
	res, err := f.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s: status %d", address, res.StatusCode)
	}
	body, err := io.ReadAll(io.LimitReader(res.Body, MaxDocument+1))
	if err != nil {
		return nil, fmt.Errorf("GET %s: %w", address, err)
	}
	if len(body) > MaxDocument {
		return nil, fmt.Errorf("GET %s: more than %d bytes", address, MaxDocument)
	}
	return body, nil
}

// sameHost follows a redirect only on the same scheme, host and port.
func sameHost(next *http.Request, via []*http.Request) error {
	first := via[0].URL
	if next.URL.Scheme != first.Scheme || next.URL.Host != first.Host {
		return errors.New("redirected to another host")
	}
	if len(via) > MaxRedirects {
		return fmt.Errorf("more than %d redirects", MaxRedirects)
	}
	return nil
}

// parseAddress accepts an absolute https URL, and an http one on loopback.
func parseAddress(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	if err != nil {
		return nil, errors.New("not a URL")
	}
	switch {
	case u.Host == "" || u.User != nil || u.Fragment != "":
		return nil, errors.New("not a plain https URL")
	case u.Scheme == "https", u.Scheme == "http" && isLoopback(u.Hostname()):
		return u, nil
	default:
		return nil, errors.New("want https (http on loopback only)")
	}
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
