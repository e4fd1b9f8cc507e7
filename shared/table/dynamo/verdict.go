package dynamo

import (
	"errors"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"rubrica/shared/table"
)

// verdict says what an attempt's error means for a repetition.
type verdict uint8

const (
	// answered: success, or an error that would come again.
	answered verdict = iota
	// refused: not applied, for the moment.
	refused
	// unanswered: no answer, or the engine's own trouble; applied or not.
	unanswered
)

// What the SDK's errors say of themselves.
type (
	// skewed is the error of a signature by a wrong clock.
	skewed interface {
		error
		RetryableError() bool
	}
	responded interface {
		error
		HTTPStatusCode() int
	}
)

// errUnprocessed stands for the part of a batch that was not done.
var errUnprocessed = errors.New("unprocessed items")

func judge(err error) verdict {
	if err == nil {
		return answered
	}
	if errors.Is(err, errUnprocessed) {
		return refused
	}
	if cancelled, ok := errors.AsType[*types.TransactionCanceledException](err); ok {
		return judgeReasons(cancelled.CancellationReasons)
	}
	if again, ok := errors.AsType[skewed](err); ok && again.RetryableError() {
		return refused // the SDK has learned the difference from the answer
	}
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		if momentary(api.ErrorCode()) {
			return refused
		}
		if response, ok := errors.AsType[responded](err); ok && response.HTTPStatusCode() >= 500 {
			return unanswered
		}
		return answered
	}
	if unsendable(err) {
		return answered
	}
	return unanswered
}

// judgeReasons judges a cancelled transaction: a condition that did not hold is
// an answer, even beside a row that was in use.
func judgeReasons(reasons []types.CancellationReason) verdict {
	v := answered
	for _, r := range reasons {
		switch code := aws.ToString(r.Code); {
		case code == "ConditionalCheckFailed":
			return answered
		case momentary(code):
			v = refused
		}
	}
	return v
}

// momentary tells the codes, of errors and of cancellation reasons, that say
// "not now": throttling, and another transaction on the same row, or this very
// one still under way.
func momentary(code string) bool {
	switch code {
	case "TransactionConflict", "TransactionConflictException", "TransactionInProgressException",
		"ReplicatedWriteConflictException",
		"ThrottlingError", "ThrottlingException", "Throttling",
		"ProvisionedThroughputExceeded", "ProvisionedThroughputExceededException",
		"RequestLimitExceeded", "LimitExceededException":
		return true
	}
	return false
}

// unsendable tells requests that the SDK refused to send: a defect of ours.
func unsendable(err error) bool {
	if _, ok := errors.AsType[*smithy.SerializationError](err); ok {
		return true
	}
	_, ok := errors.AsType[smithy.InvalidParamsError](err)
	return ok
}

// conditionError makes the table's error out of a cancelled transaction; nil if
// it was cancelled for another reason.
func conditionError(reasons []types.CancellationReason, now int64) error {
	var failed []table.Failed
	for i, r := range reasons {
		if aws.ToString(r.Code) != "ConditionalCheckFailed" {
			continue
		}
		row, err := decodeRow(r.Item, now)
		if err != nil {
			return err
		}
		failed = append(failed, table.Failed{Index: i, Row: row})
	}
	if failed == nil {
		return nil
	}
	return &table.ConditionError{Failed: failed}
}
