// Package sweep holds the crash sweep. Every operation of the API is done once
// to see which storage and queue calls it makes, the relay's and the consumers'
// included, and then once more for every call and every fault: the call fails
// before or after it was applied, half of it is applied, the engine has no
// capacity or prefers somebody else's transaction, a read is torn by another
// request, a page is cut short, changes and messages come twice or in another
// order, the process ends. Then the client retries with its Idempotency-Key, AWS
// delivers again, and all must be as it was when nothing went wrong: the answer,
// the contacts, one audit entry for each version, every row of both tables.
//
// All of it is a test, for nothing else may depend on it:
//
//   - operations_test.go  the operations; a new one is one more row
//   - tags_test.go        those on tags
//   - companies_test.go   those on companies, and lists in orders of their own
//   - asides_test.go      those on notes and leases, and what other systems say
//   - consent_test.go     those on blocks and do-not-disturb
//   - merges_test.go      those on merges, and on contacts that others stand for
//   - faults_test.go      what can go wrong
//   - sweep_test.go       the sweep itself, and storms of several faults at once
//   - bugs_test.go        mistakes built in on purpose, each of which it must find
//   - script_test.go      numbers the calls of both tables and the queues, and says which goes wrong
//   - system_test.go      processes over a store that outlives them
//   - client_test.go      a client that retries
//   - delivery_test.go    what AWS does between stream, relay, queues and consumers
//   - state_test.go       what is stored, in a form that two runs have in common
//   - coverage_test.go    what a sweep came past
//   - store_test.go       stores: embedded, or DynamoDB where RUBRICA_DYNAMODB names one
//
// On the embedded engine every fault is tried at every call. Over a DynamoDB of
// somebody else's making, in .ci/run, each operation that is not alike to another
// goes through every fault and a storm, and each fault strikes at one of every few
// calls that it fits, others each time. The mistakes built in must be found on both.
// What was covered is said at the end: go test -v.
//
// Nothing runs beside anything else within a run, so that calls have the same
// numbers each time: the worker of package consume is not used, its steps are
// taken one by one as AWS would.
package sweep
