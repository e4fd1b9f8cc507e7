package boot

import (
	"encoding/json"
	"log/slog"
	"time"
)

// Lines that are metrics, by their message.
const (
	// Request is the frame's line of an answered request.
	Request = "request"
	// Messages is the line of a batch of messages that was worked on.
	Messages = "messages"
	// Changes is the line of a batch of the change stream that was relayed.
	Changes = "changes"
	// Gap is audit.GapFound, which this package does not link.
	Gap = "audit gap"
)

// metricsOf says which numbers of a log line CloudWatch is to keep as metrics,
// from the line itself (its embedded metric format), so that no call is made and
// no second line written; "" if none. Every combination of dimensions is a
// metric that is paid for: routes are few, workspaces are not.
func metricsOf(message string) json.RawMessage {
	switch message {
	case Request:
		return json.RawMessage(`[{"Namespace":"Rubrica","Dimensions":[["function","route"]],` +
			`"Metrics":[{"Name":"micros","Unit":"Microseconds"}]}]`)
	case Messages:
		return json.RawMessage(`[{"Namespace":"Rubrica","Dimensions":[["function"]],` +
			`"Metrics":[{"Name":"handled","Unit":"Count"},{"Name":"failed","Unit":"Count"}]}]`)
	case Changes:
		return json.RawMessage(`[{"Namespace":"Rubrica","Dimensions":[["function"]],` +
			`"Metrics":[{"Name":"relayed","Unit":"Count"},{"Name":"returned","Unit":"Count"}]}]`)
	case Gap:
		return json.RawMessage(`[{"Namespace":"Rubrica","Dimensions":[["function"]],"Metrics":[{"Name":"auditGaps","Unit":"Count"}]}]`)
	}
	return nil
}

// directive is the member of a line that tells CloudWatch what it measures.
func directive(metrics json.RawMessage, at time.Time) slog.Attr {
	return slog.Group("_aws", slog.Int64("Timestamp", at.UnixMilli()), slog.Any("CloudWatchMetrics", metrics))
}
