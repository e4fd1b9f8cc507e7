package server

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"rubrica/shared/api/frame"
	"rubrica/shared/body"
	"rubrica/shared/problem"
)

// front turns net/http's requests into the frame's, and its answers back.
type front struct {
	api     *frame.API
	newID   func() string
	origins []string
}

// patience is how long one request may take.
const patience = 15 * time.Second

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if f.cors(w, r) {
		return
	}
	req, err := f.request(r)
	if err != nil {
		// The client went away, was too slow, or sent what is no HTTP.
		refuse(w, problem.InvalidField("", body.CodeMalformed, "The body did not arrive whole."), req.ID)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), patience)
	defer cancel()
	resp := f.api.Serve(ctx, req)
	h := w.Header()
	for name, value := range resp.Header {
		h.Set(name, value)
	}
	if len(resp.Body) > 0 {
		h.Set("Content-Type", resp.MediaType())
	}
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(resp.Status)
	_, _ = w.Write(resp.Body)
}

func (f *front) request(r *http.Request) (*frame.Request, error) {
	req := &frame.Request{Method: r.Method, RawQuery: r.URL.RawQuery, ID: f.newID(), Header: make(map[string]string, len(r.Header))}
	for name, values := range r.Header {
		req.Header[strings.ToLower(name)] = strings.Join(values, ", ")
	}
	for _, segment := range strings.Split(strings.TrimPrefix(r.URL.EscapedPath(), "/"), "/") {
		decoded, err := url.PathUnescape(segment)
		if err != nil {
			decoded = segment
		}
		req.Segments = append(req.Segments, decoded)
	}
	var err error
	req.Body, req.TooLarge, err = readBody(r.Body, frame.MaxBody)
	return req, err
}

// refuse answers what the API never sees, and ends the connection.
func refuse(w http.ResponseWriter, err error, instance string) {
	p := problem.Of(err)
	w.Header().Set("Connection", "close")
	w.Header().Set("Content-Type", problem.ContentType)
	w.WriteHeader(p.Status())
	_, _ = w.Write(p.Document(instance))
}

// mostDropped is how much of a body that is too large is read all the same:
// most clients send all of it before they look for an answer, and one that
// finds the connection closed while it sends never sees the 413.
const mostDropped = 64 << 20

// readBody reads a body of at most so many bytes; of a larger one it returns
// nothing.
func readBody(r io.Reader, most int64) (raw []byte, tooLarge bool, err error) {
	raw, err = io.ReadAll(io.LimitReader(r, most+1))
	if int64(len(raw)) <= most {
		return raw, false, err
	}
	_, err = io.Copy(io.Discard, io.LimitReader(r, mostDropped))
	return nil, true, err
}

// exposed are the headers that a browser may show to a page (api.md, Conventions).
const exposed = "ETag, Location, Content-Location, Retry-After, Idempotency-Replayed, RateLimit"

// cors lets browsers call from allowed origins, as API Gateway does on AWS. It
// returns true if the request was a preflight, which is then answered.
func (f *front) cors(w http.ResponseWriter, r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" || !slices.Contains(f.origins, origin) {
		return false
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", exposed)
	h.Add("Vary", "Origin")
	if r.Method != http.MethodOptions || r.Header.Get("Access-Control-Request-Method") == "" {
		return false
	}
	h.Set("Access-Control-Allow-Methods", "GET, POST, PUT, PATCH, DELETE")
	h.Set("Access-Control-Allow-Headers", "Authorization, Content-Type, If-Match, Idempotency-Key")
	h.Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return true
}
