// Package service has the endpoints that need no caller: whether the service is
// there, and the description of its API.
package service

import (
	"context"
	"net/http"

	"rubrica/shared/api/frame"
)

// Health is GET /v1/health.
func Health() frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/health", Operation: "getHealth", Function: "describe-service", Success: []int{http.StatusOK},
		Public: func(context.Context) (frame.Response, error) {
			return frame.OK(struct {
				Status string `json:"status"`
			}{"ok"})
		},
	}
}

// OpenAPI is GET /v1/openapi.json: the document, which is JSON.
func OpenAPI(document []byte) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/openapi.json", Operation: "getOpenAPI", Function: "describe-service", Success: []int{http.StatusOK},
		Public: func(context.Context) (frame.Response, error) {
			return frame.Response{Status: http.StatusOK, Body: document}, nil
		},
	}
}

// Endpoints are all of the package's.
func Endpoints(document []byte) []frame.Endpoint {
	return []frame.Endpoint{Health(), OpenAPI(document)}
}
