// Package gateway answers the events of an API Gateway HTTP API (payload format
// 2.0) with a frame's API. It knows no service behind it, so that a function
// without storage links none.
package gateway

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"rubrica/shared/api/frame"
	"rubrica/shared/boot"
	"rubrica/shared/ledger"
	"rubrica/shared/object"
)

type handler struct{ api *frame.API }

// New returns the handler of a function with its endpoints; ledger and auth may
// be nil where all of them are public. It refuses to start with an endpoint that
// belongs to another function: the template would route it there.
func New(env *boot.Environment, function string, l *ledger.Ledger, auth frame.Authenticator, endpoints ...frame.Endpoint) lambda.Handler {
	for _, e := range endpoints {
		if e.Function != function {
			env.Refuse(fmt.Errorf("gateway: %s %s belongs to the function %s, not to %s", e.Method, e.Pattern, e.Function, function))
		}
	}
	return &handler{frame.New(l, auth, env.Log, time.Now, endpoints...)}
}

// event is what counts of the gateway's event; events.APIGatewayV2HTTPRequest
// has all of it.
type event struct {
	Path    string            `json:"rawPath"`
	Query   string            `json:"rawQueryString"`
	Header  map[string]string `json:"headers"` // lower-case; values joined with commas
	Body    string            `json:"body"`
	Base64  bool              `json:"isBase64Encoded"`
	Context struct {
		RequestID string `json:"requestId"`
		HTTP      struct {
			Method string `json:"method"`
		} `json:"http"`
	} `json:"requestContext"`
}

// Invoke answers one request. It fails only on what is no event of a gateway;
// whatever goes wrong with a request is an answer, in time.
func (h *handler) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	var e event
	// The gateway writes what the client sent: a body's invalid UTF-8 is refused
	// by the frame, not here. Nobody but AWS writes the event's own names.
	if err := json.Unmarshal(payload, &e, jsontext.AllowInvalidUTF8(true), jsontext.AllowDuplicateNames(true)); err != nil {
		return nil, fmt.Errorf("gateway: not an event of an HTTP API: %w", err)
	}
	if e.Context.HTTP.Method == "" || e.Path == "" {
		return nil, fmt.Errorf("gateway: not an event of an HTTP API in payload format 2.0")
	}
	ctx, cancel := boot.InTime(ctx)
	defer cancel()
	r := e.request()
	return encode(h.api.Serve(ctx, &r))
}

// request takes the event over. The gateway has already decoded the path's
// percent-encoding: a slash that was encoded is one like any other.
func (e *event) request() frame.Request {
	r := frame.Request{
		Method: e.Context.HTTP.Method, Segments: strings.Split(strings.TrimPrefix(e.Path, "/"), "/"),
		RawQuery: e.Query, Header: e.Header, ID: e.Context.RequestID,
	}
	switch {
	case !e.Base64:
		r.Body = []byte(e.Body)
	case base64.StdEncoding.DecodedLen(len(e.Body)) > frame.MaxBody+2: // 2 for the padding
		r.TooLarge = true
	default:
		// Every content type that the gateway does not take for text comes so,
		// application/merge-patch+json among them.
		if body, err := base64.StdEncoding.DecodeString(e.Body); err == nil {
			r.Body = body
		}
	}
	return r
}

// encode writes events.APIGatewayV2HTTPResponse, as far as it is needed, in one
// piece: by reflection a long body was copied three times.
func encode(resp frame.Response) ([]byte, error) {
	header := map[string]string{"Cache-Control": "no-store"}
	maps.Copy(header, resp.Header)
	if len(resp.Body) > 0 {
		header["Content-Type"] = resp.MediaType()
	}
	w := object.Writer{Bytes: make([]byte, 0, 512+len(resp.Body)*5/4)} // a quarter for escaped quotes
	w.Open()
	w.Int("statusCode", int64(resp.Status))
	object.Map(&w, "headers", header, object.AppendText)
	if len(resp.Body) > 0 {
		w.Name("body")
		var err error
		if w.Bytes, err = jsontext.AppendQuote(w.Bytes, resp.Body); err != nil {
			return nil, fmt.Errorf("gateway: encoding an answer: %w", err)
		}
	}
	w.Close()
	return w.Bytes, nil
}
