// Package consume is what happens after a commit: the relay that turns committed
// rows into messages, and the consumers of the queues. Consumers are values, as
// endpoints are.
//
// A message says which rows to look at, never what they hold: a consumer reads
// the truth again, so that delivery twice, late or out of order does no harm.
package consume

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"

	"rubrica/shared/queue"
	"rubrica/shared/table"
	"rubrica/shared/tenant"
)

// Relay sends what committed rows ask for.
type Relay struct {
	queues *queue.Queues
	topics map[string]*Consumer
}

// NewRelay returns a relay to the queues of the given consumers.
func NewRelay(queues *queue.Queues, consumers ...Consumer) *Relay {
	topics := make(map[string]*Consumer, len(consumers))
	for i := range consumers {
		if consumers[i].Topic != "" {
			topics[consumers[i].Topic] = &consumers[i]
		}
	}
	return &Relay{queues, topics}
}

// packed is how many rows one message may name: it keeps a poisoned row's
// company small, and the price of a message low.
const packed = 25

// message is the body of every message of the relay.
type message struct {
	Rows []rowName `json:"rows"`
}

type rowName struct {
	PK string `json:"pk"`
	SK string `json:"sk"`
}

// Forward sends the messages of changes, in order, up to 25 rows of a workspace
// in one, but one each of what is kept in lanes. When it returns nil all of them are in their queues; after an error
// some may be: forward all again. A topic that no consumer has is an error, so
// that nothing is forgotten for want of a consumer.
func (r *Relay) Forward(ctx context.Context, changes []table.Change) error {
	type target struct{ topic, workspace string }
	rows := map[target][]rowName{}
	var order []target
	messages := map[string][]queue.Message{}
	for _, c := range changes {
		for topic := range strings.SplitSeq(c.Out, ",") {
			consumer, ok := r.topics[topic]
			if !ok {
				return fmt.Errorf("consume: no consumer of topic %q", topic)
			}
			if consumer.Lane != nil {
				m, err := laneMessage(consumer, c.Key)
				if err != nil {
					return err
				}
				messages[topic] = append(messages[topic], m)
				continue
			}
			t := target{topic, c.Key.Workspace().String()}
			if rows[t] == nil {
				order = append(order, t)
			}
			rows[t] = append(rows[t], rowName{c.Key.PK(), c.Key.SK()})
		}
	}
	for _, l := range order {
		consumer := r.topics[l.topic]
		for all := rows[l]; len(all) > 0; {
			n := min(len(all), packed)
			body, err := json.Marshal(message{all[:n]})
			if err != nil {
				return fmt.Errorf("consume: encoding a message: %w", err)
			}
			messages[l.topic] = append(messages[l.topic], queue.Message{Body: string(body), Group: l.workspace, Delay: consumer.Delay})
			all = all[n:]
		}
	}
	for topic, ms := range messages {
		if err := r.queues.Send(ctx, r.topics[topic].Queue, ms...); err != nil {
			return fmt.Errorf("consume: forwarding %s: %w", topic, err)
		}
	}
	return nil
}

// laneMessage is the message of one row in its lane. Its dedup is the row's: what
// is forwarded again within minutes is one message.
func laneMessage(c *Consumer, k table.Key) (queue.Message, error) {
	body, err := json.Marshal(message{[]rowName{{k.PK(), k.SK()}}})
	if err != nil {
		return queue.Message{}, fmt.Errorf("consume: encoding a message: %w", err)
	}
	sum := sha256.Sum256([]byte(k.PK() + "\x00" + k.SK()))
	return queue.Message{Body: string(body), Group: c.Lane(k), Dedup: hex.EncodeToString(sum[:])}, nil
}

// keys reads a message's body: the rows that it names, all of one workspace,
// each once: a change that the stream delivered twice is named twice.
func keys(m queue.Message) (tenant.Workspace, []table.Key, error) {
	var body message
	if err := json.Unmarshal([]byte(m.Body), &body); err != nil || len(body.Rows) == 0 {
		return tenant.Workspace{}, nil, fmt.Errorf("consume: message %s is not the relay's: %w", m.ID, err)
	}
	all := make([]table.Key, 0, len(body.Rows))
	for _, r := range body.Rows {
		k, err := table.StoredKey(r.PK, r.SK)
		if err != nil {
			return tenant.Workspace{}, nil, fmt.Errorf("consume: message %s: %w", m.ID, err)
		}
		if len(all) > 0 && k.Workspace() != all[0].Workspace() {
			return tenant.Workspace{}, nil, fmt.Errorf("consume: message %s names rows of two workspaces", m.ID)
		}
		if !slices.Contains(all, k) {
			all = append(all, k)
		}
	}
	return all[0].Workspace(), all, nil
}
