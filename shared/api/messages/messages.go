// Package messages has the endpoint of a contact's messages. They come in as
// events (package api/events).
package messages

import (
	"context"
	"net/http"

	"github.com/go-json-experiment/json"

	"rubrica/shared/api/frame"
	"rubrica/shared/channel"
	"rubrica/shared/event"
	"rubrica/shared/instant"
	"rubrica/shared/ledger"
)

// Endpoints are all of the package's.
func Endpoints(l *ledger.Ledger) []frame.Endpoint { return []frame.Endpoint{list(l)} }

// View is a message as the wire shows it.
type View struct {
	ID        string          `json:"id"`
	ChannelID string          `json:"channelId"`
	Channel   channel.Kind    `json:"channel"`
	Direction string          `json:"direction"`
	Kind      string          `json:"kind"`
	Text      string          `json:"text,omitzero"`
	At        instant.Instant `json:"at"`
}

// position is where a page of messages ended.
type position struct {
	ID string `json:"i"`
}

func list(l *ledger.Ledger) frame.Endpoint {
	return frame.Endpoint{
		Method: http.MethodGet, Pattern: "/v1/contacts/{contact}/messages", Operation: "listMessages", Function: "read-messages",
		Query: []string{"channel", "includeBlocked", "limit", "cursor"}, Success: []int{http.StatusOK},
		Read: func(in *frame.Input) frame.Plan {
			limit := in.Limit()
			apart, _ := in.Flag("includeBlocked")
			of, filtered := in.Query("channel")
			var guess position
			in.ResumeGuess(l.Guess(in.Workspace), &guess)
			return frame.Plan{
				Want: ledger.WantMessages(in.Workspace, in.Ref, apart, guess.ID, limit),
				Do: func(ctx context.Context, call *frame.Call) (frame.Response, error) {
					return frame.Paged(call, func(at position) (views []View, next position, err error) {
						items, behind, err := l.Messages(ctx, call.Scope, call.Ref, apart, at.ID, limit)
						if err != nil {
							return nil, next, err
						}
						for _, i := range items {
							var m event.Message
							if err := json.Unmarshal(i.Doc, &m); err != nil {
								return nil, next, err
							}
							if !filtered || of == string(m.Channel) || of == m.ChannelID {
								views = append(views, View{i.ID, m.ChannelID, m.Channel, m.Direction, m.Kind, m.Text, i.CreatedAt})
							}
						}
						return views, position{behind}, nil
					})
				},
			}
		},
	}
}
