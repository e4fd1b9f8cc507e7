// Package format holds the formats of a contact's values, apart from phone
// numbers and e-mail addresses, which have packages of their own: what may be
// stored, in which form, and what to say to somebody who sent something else.
//
// Each function takes what was sent and returns the value to store. What it
// returned once it accepts again and returns unchanged. Free text, URLs, users
// and foreign keys are trimmed and put into Unicode's composed form (NFC), so
// that equal text is equal bytes; codes, names of zones and dates are strict,
// and the error says how to write them. Nothing here knows a clock (whether a
// date may lie in the future is the field's rule, not the format's), which
// member is checked, or whether it may be unset: "" is a value like any other,
// legal text and nothing else.
package format

// Codes of the errors, part of the closed list in the OpenAPI document.
const (
	CodeTooLong          = "too_long"
	CodeControlCharacter = "control_character"
	CodeInvalidDate      = "invalid_date"
	CodeInvalidDateTime  = "invalid_datetime"
	CodeInvalidCountry   = "invalid_country"
	CodeInvalidLanguage  = "invalid_language"
	CodeInvalidTimezone  = "invalid_timezone"
	CodeInvalidURL       = "invalid_url"
	CodeInvalidUser      = "invalid_user"
	CodeInvalidSystem    = "invalid_system"
	CodeInvalidKey       = "invalid_key"
	CodeInvalidChannel   = "invalid_channel"
)

// Error is why a value was refused. It names neither the member nor a status:
// both are added by whoever knows them.
type Error struct {
	// Code is a stable word.
	Code string
	// Detail is one sentence or two for a person: what is wrong and, where that
	// can be told, what to write instead. It may repeat what was sent, so it
	// must not be logged.
	Detail string
}

func (e *Error) Error() string { return e.Code + ": " + e.Detail }
