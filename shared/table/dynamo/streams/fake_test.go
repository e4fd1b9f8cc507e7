package streams_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/go-json-experiment/json"

	"rubrica/shared/table/dynamo/streams"
)

// fake is a stream whose shards split on command. It describes them in no
// useful order, two at a time, and pauses within open shards as the real one does.
type fake struct {
	mu      sync.Mutex
	arn     string
	shards  map[string]*fakeShard
	trimmed int // records that GetShardIterator and GetRecords refuse, from the oldest
	calls   map[string]int
	expired bool // refuse the next iterator
}

type fakeShard struct {
	id, parent string
	closed     bool
	records    []map[string]any
}

func newFake() *fake {
	return &fake{arn: "arn:1", shards: map[string]*fakeShard{}, calls: map[string]int{}}
}

func (f *fake) shard(id, parent string) *fakeShard {
	s := &fakeShard{id: id, parent: parent}
	f.shards[id] = s
	return s
}

func (s *fakeShard) put(event, pk, sk, out string) {
	image := map[string]any{"pk": map[string]any{"S": pk}, "sk": map[string]any{"S": sk}}
	if out != "" {
		image["_out"] = map[string]any{"S": out}
	}
	s.records = append(s.records, map[string]any{
		"eventName": event,
		"dynamodb":  map[string]any{"SequenceNumber": fmt.Sprintf("%s-%06d", s.id, len(s.records)), "NewImage": image},
	})
}

func (f *fake) stream() *streams.Stream {
	credentials := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "secret"}, nil
	})
	url := aws.String("http://engine.invalid")
	return streams.New(
		dynamodb.New(dynamodb.Options{Region: "eu-west-1", HTTPClient: f, BaseEndpoint: url, Credentials: credentials}),
		dynamodbstreams.New(dynamodbstreams.Options{Region: "eu-west-1", HTTPClient: f, BaseEndpoint: url, Credentials: credentials}),
		"rubrica")
}

func (f *fake) Do(r *http.Request) (*http.Response, error) {
	_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var body map[string]any
	if err := json.UnmarshalRead(r.Body, &body); err != nil {
		return nil, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.calls[op]++
	status := http.StatusOK
	answer, refused := f.answer(op, body)
	if refused != "" {
		status, answer = http.StatusBadRequest, map[string]any{"__type": "com.amazonaws.dynamodb.v20120810#" + refused}
	}
	b, err := json.Marshal(answer)
	if err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}},
		Body: io.NopCloser(bytes.NewReader(b)), Request: r,
	}, nil
}

func (f *fake) answer(op string, body map[string]any) (answer map[string]any, refused string) {
	switch op {
	case "DescribeTable":
		return map[string]any{"Table": map[string]any{"LatestStreamArn": f.arn}}, ""
	case "DescribeStream":
		ids := []string{}
		for id := range f.shards {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		slices.Reverse(ids) // children first
		if last, ok := body["ExclusiveStartShardId"].(string); ok {
			ids = ids[slices.Index(ids, last)+1:]
		}
		description := map[string]any{"StreamArn": f.arn}
		if len(ids) > 2 {
			ids = ids[:2]
			description["LastEvaluatedShardId"] = ids[1]
		}
		shards := []any{}
		for _, id := range ids {
			s := map[string]any{"ShardId": id}
			if parent := f.shards[id].parent; parent != "" {
				s["ParentShardId"] = parent
			}
			shards = append(shards, s)
		}
		description["Shards"] = shards
		return map[string]any{"StreamDescription": description}, ""
	case "GetShardIterator":
		id := body["ShardId"].(string)
		s, ok := f.shards[id]
		if !ok {
			return nil, "ResourceNotFoundException"
		}
		from := f.trimmed
		if after, ok := body["SequenceNumber"].(string); ok {
			_, index, _ := strings.Cut(after[len(s.id):], "-")
			if _, err := fmt.Sscanf(index, "%d", &from); err != nil {
				return nil, "ValidationException"
			}
			if from++; from < f.trimmed {
				return nil, "TrimmedDataAccessException"
			}
		}
		return map[string]any{"ShardIterator": fmt.Sprintf("%s@%d", id, from)}, ""
	case "GetRecords":
		return f.records(body)
	}
	return nil, "UnknownOperationException"
}

func (f *fake) records(body map[string]any) (answer map[string]any, refused string) {
	if f.expired {
		f.expired = false
		return nil, "ExpiredIteratorException"
	}
	id, index, _ := strings.Cut(body["ShardIterator"].(string), "@")
	from := 0
	if _, err := fmt.Sscanf(index, "%d", &from); err != nil {
		return nil, "ValidationException"
	}
	s := f.shards[id]
	if s == nil {
		return nil, "ResourceNotFoundException"
	}
	if from < f.trimmed {
		return nil, "TrimmedDataAccessException"
	}
	to := min(from+int(body["Limit"].(float64)), len(s.records))
	answer = map[string]any{"Records": s.records[from:to]}
	if !s.closed || to < len(s.records) {
		answer["NextShardIterator"] = fmt.Sprintf("%s@%d", id, to)
	}
	return answer, ""
}
