package main

import "time"

// The list prices that the table is made with, region eu-west-1 (Ireland), on
// demand, first tier, in US dollars without tax, as of the month of pricesOf. Their
// sources are AWS's public price lists: aws.amazon.com/dynamodb/pricing/on-demand,
// aws.amazon.com/lambda/pricing, aws.amazon.com/sqs/pricing,
// aws.amazon.com/api-gateway/pricing, aws.amazon.com/cloudwatch/pricing. Nobody has
// held them against a bill: check them there before a decision rests on them.
//
// Free, and so not here: Lambda's own reads of a DynamoDB stream.
const (
	pricesOf = "2026-11"

	// Amazon DynamoDB, on-demand capacity, standard table class: per unit.
	readUnit  = 0.1415 / million // strongly consistent read of up to 4 KB
	writeUnit = 0.7068 / million // write of up to 1 KB; transactions take two

	// AWS Lambda, arm64: per invocation, and per second of a GB.
	invocation = 0.20 / million
	gbSecond   = 0.0000133334

	// Amazon SQS, standard queues: per request of up to 64 KB.
	queueCall = 0.40 / million

	// Amazon API Gateway, HTTP API: per request of up to 512 KB.
	gatewayCall = 1.11 / million

	// Apart from the table, for the line beneath it: DynamoDB's storage and
	// CloudWatch's taking in of logs, per GB (storage: and month).
	storedGB = 0.283
	loggedGB = 0.57

	million = 1_000_000
)

// What a function is taken to need, for want of AWS to measure on: its memory as
// in template.yaml (relay-changes has half of that), some time of its own, and
// the time that one call to DynamoDB or SQS takes, waited for one after another.
// A tenfold error here moves the sums by less than a fifth.
const (
	memoryGB = 0.5
	ownTime  = 2 * time.Millisecond
	tripTime = 5 * time.Millisecond
)

// busy is how many of the same operation come at once where the table says so:
// their changes share a batch of the stream, messages and invocations.
const busy = 50

// dollars is what a million operations with these counts cost.
func (c counts) dollars() float64 {
	seconds := c.invocations*ownTime.Seconds() + c.waits*tripTime.Seconds()
	return million * (c.gateway*gatewayCall + c.invocations*invocation + seconds*memoryGB*gbSecond +
		c.reads*readUnit + c.writes*writeUnit + c.queue*queueCall)
}
