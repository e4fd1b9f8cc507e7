// Package ledger is the unit of work: the only writer of contacts.
//
// An operation is a pure function from a contact as it was to the contact as it
// shall be. The ledger reads, applies it, compares, and commits everything that
// follows from the difference in one transaction: the contact's row, the hints
// by which it must be found, the change record, the kept answer of an
// idempotency key. When somebody was faster it starts again. None of its callers
// writes rows.
//
//   - ledger.go   scopes; want.go says what is read ahead, read.go reads, attempt.go
//     begins again; match.go reads If-Match
//   - unit.go     the loop: Create, Update, Upsert, Delete
//   - apply.go    from before to after, and what follows from the difference
//   - claim.go    identities that nobody else may have
//   - commit.go   from a change to the actions of a transaction; deletions
//   - rows.go     the hints a contact must have, a pure function
//   - keys.go     every key of the table, one constructor each
//   - find.go     from a reference to a contact, through hints and redirects
//   - list.go     pages of contacts by creation, owner, follower, VIP
//   - record.go   the form of a contact's row, a former one's, a change record's
//   - history.go  a contact's entries; workspacelog.go the workspace's log
//   - settings.go, tokens.go  what is no contact: a subject with a version
//   - fields.go   fields and folders: one row, kept in the process by its version
//   - accounts.go the workspace's accounts, kept in the same way; a contact's channels
//   - receive.go  events that come in, each handled once; messages.go reads messages
//   - cache.go    what a process keeps of each workspace, bounded
//   - tags.go     tags, and the claims of their names; tagfind.go reads them,
//     tagroom.go counts how many there may still be
//   - terms.go    the words of answers: fields, names of tags kept by epoch
//   - companies.go  companies, and their places in the order of names
//   - counts.go   how many carry a tag, how many a company has
//   - detach.go   a deleted tag or company is taken from those who carry it
//   - items.go    what is kept with a contact, many: notes
//   - merge.go    several contacts become one; mergecommit.go writes that, merges.go
//     is what is kept of it
//   - undo.go     takes a merge back; undocompute.go says what becomes of everybody,
//     undocommit.go writes it
//   - absorbed.go what is left meanwhile of those who went into another
//   - seats.go    hints of tags that a survivor takes over where they are
//   - locks.go    campaigns' leases of the phone, in the contact's row
//   - aside.go    change records of what raises no version: items and leases
//   - stage.go    hints of a commit that wants more actions than a transaction takes
//   - suggestions.go  contacts that share a value; suggestdismiss.go dismisses them,
//     suggestrefresh.go keeps the list of such values, suggestrow.go has its rows
//   - keep.go     answers kept for idempotency keys
//   - settle.go, purge.go  what consumers do later: reindex, copy to the log, purge
//   - jobs.go     bulk jobs: starting and reading them; jobselect.go whom they are for,
//     jobstate.go confirm, cancel, retry, close; jobrows.go their rows
//   - jobplan.go  selects in the background what is too much for a call
//   - joblane.go  works on a lane of a job; bulk.go many contacts in one transaction
//   - verify.go   what is stored against what is derived; the files that begin with
//     verify are its checks
//   - repair.go   mends what verify finds
//   - returned.go erases again who came back with a restored table
//   - close.go    the end of a workspace
//
// The contact row is the truth, hints are hints: a reader drops a hint whose
// contact is gone or no longer carries the value. A hint is written in the
// transaction that makes it true; one that is no longer true goes with the same
// transaction while there is room, else it is marked in the contact's row and
// removed by a reindex message. That message also makes the survivor's the hints of
// tags that came with a merge, and stores those that it must have of its own.
package ledger
