// Package histories holds the API against what it must do, whatever happens at
// once and in whatever order.
//
// Concurrent histories of a few clients over one address, with conflicts and
// lost answers put in, must be linearizable: some order of the calls, each at a
// moment between its beginning and its end, explains every answer (checked with
// Porcupine).
//
//   - linear_test.go     clients, and how their history is checked
//   - register_test.go   what one address and the contacts that had it may do
//   - chaos_test.go      faults for callers that run at once
//
// Sequential histories over many contacts must be answered as a small model of
// the contract answers them, to the byte of what is a contact (checked with
// rapid; -rapid.checks=5000 for a long run). The model knows the contract, and
// none of the code: it has its own tables of numbers and addresses.
//
//   - machine_test.go    what the machine does, and how answers are compared
//   - model_test.go      the workspace as the model has it
//   - person_test.go     one contact of the model, and what a body makes of it
//   - tags_test.go       tags of the model, and what the machine does with them
//   - listing_test.go    lists: filters, order, pages while others write
//   - log_test.go        the audit log that must have come of it
//
// All of it is a test.
package histories
