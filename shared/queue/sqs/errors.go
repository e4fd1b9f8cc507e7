package sqs

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/smithy-go"

	"rubrica/shared/queue"
)

func failure(q queue.Spec, err error) error { return fmt.Errorf("queue %s: %w", q.Name, classify(err)) }

func unavailable(q queue.Spec, err error) error {
	return fmt.Errorf("queue %s: %w: %w", q.Name, queue.ErrUnavailable, err)
}

// responded is an error that came with a status code.
type responded interface {
	error
	HTTPStatusCode() int
}

// classify makes queue.ErrUnavailable of no answer, of the service's own trouble
// and of throttling; what is left would come again.
func classify(err error) error {
	if _, ok := errors.AsType[smithy.InvalidParamsError](err); ok {
		return err
	}
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return fmt.Errorf("%w: %w", queue.ErrUnavailable, err)
	}
	response, ok := errors.AsType[responded](err)
	if ok && response.HTTPStatusCode() >= 500 {
		return fmt.Errorf("%w: %w", queue.ErrUnavailable, err)
	}
	switch code(api) {
	case "RequestThrottled", "ThrottlingException", "Throttling", "OverLimit", "KmsThrottled":
		return fmt.Errorf("%w: %w", queue.ErrUnavailable, err)
	}
	return err
}

// code is the error's code without what some engines put in front of it, such
// as "AWS.SimpleQueueService." and "com.amazonaws.sqs#".
func code(err smithy.APIError) string {
	c := err.ErrorCode()
	return c[strings.LastIndexAny(c, ".#")+1:]
}

// staleReceipt tells that a receipt counts no more: its message was deleted, or
// its visibility has run out (an error on FIFO queues alone), or it was
// delivered again meanwhile.
func staleReceipt(err error) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok {
		return false
	}
	switch code(api) {
	case "ReceiptHandleIsInvalid", "MessageNotInflight":
		return true
	case "InvalidParameterValue":
		return strings.Contains(strings.ToLower(api.ErrorMessage()), "receipt")
	}
	return false
}
