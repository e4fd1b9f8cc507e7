package frame

import (
	"fmt"
	"slices"
	"strings"

	"rubrica/shared/problem"
)

// routes finds endpoints by path; literal segments go before parameters.
type routes struct{ root *node }

type node struct {
	literal  map[string]*node
	param    *node
	name     string // of the parameter
	byMethod map[string]*Endpoint
}

func newRoutes(endpoints []Endpoint) *routes {
	r := &routes{root: &node{}}
	for i := range endpoints {
		e := &endpoints[i]
		n := r.root
		for _, segment := range strings.Split(strings.TrimPrefix(e.Pattern, "/"), "/") {
			n = n.child(segment)
		}
		if n.byMethod == nil {
			n.byMethod = map[string]*Endpoint{}
		}
		if n.byMethod[e.Method] != nil {
			panic(fmt.Sprintf("frame: two endpoints at %s %s", e.Method, e.Pattern))
		}
		n.byMethod[e.Method] = e
	}
	return r
}

func (n *node) child(segment string) *node {
	if name, ok := strings.CutPrefix(segment, "{"); ok {
		if n.param == nil {
			n.param = &node{name: strings.TrimSuffix(name, "}")}
		}
		return n.param
	}
	if n.literal == nil {
		n.literal = map[string]*node{}
	}
	if n.literal[segment] == nil {
		n.literal[segment] = &node{}
	}
	return n.literal[segment]
}

// match finds the endpoint of a request and the values of its parameters.
func (r *routes) match(req *Request) (*Endpoint, map[string]string, error) {
	n := r.root
	var params map[string]string
	for _, segment := range req.Segments {
		next := n.literal[segment]
		if next == nil && n.param != nil && segment != "" {
			next = n.param
			if params == nil {
				params = map[string]string{}
			}
			params[next.name] = segment
		}
		if next == nil {
			return nil, nil, problem.New(problem.NotFound, "There is no such route; GET /v1/openapi.json lists all of them.")
		}
		n = next
	}
	if len(n.byMethod) == 0 {
		return nil, nil, problem.New(problem.NotFound, "There is no such route; GET /v1/openapi.json lists all of them.")
	}
	e := n.byMethod[req.Method]
	if e == nil {
		methods := make([]string, 0, len(n.byMethod))
		for m := range n.byMethod {
			methods = append(methods, m)
		}
		slices.Sort(methods)
		allow := strings.Join(methods, ", ")
		return nil, nil, problem.New(problem.MethodNotAllowed, "This route takes %s.", allow).With("allow", allow)
	}
	return e, params, nil
}
