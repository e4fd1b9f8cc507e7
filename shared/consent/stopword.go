package consent

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// IsStopWord tells whether a message's whole text asks for no more messages,
// without case, spaces, "." and "!" (api.md, "Stop words"). Whatever language the
// contact is known to speak, the words of all of them count.
func IsStopWord(text string) bool {
	if len(text) > maxStopWord {
		return false
	}
	return isStopWord(strings.Map(func(r rune) rune {
		if r == '.' || r == '!' || unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFC.String(text)))
}

// maxStopWord is more bytes than a stop word with some spaces and marks has.
const maxStopWord = 200

// isStopWord knows what people answer who want no more messages: in English what
// networks ask every sender to heed, in other languages what is as plain. Words
// that are an answer to something else in another language (fine, fin) are none.
func isStopWord(folded string) bool {
	switch folded {
	case "stop", "stopall", "unsubscribe", "cancel", "end", "quit", "optout", "revoke", // en, and stop everywhere
		"basta", "annulla", "cancella", "cancellami", "disiscrivi", "disiscrivimi", // it
		"pare", "parar", "cancelar", "sair", "descadastrar", // pt
		"alto", "baja", "darsedebaja", "desuscribir", // es, which shares parar and cancelar
		"arret", "arrêt", "arreter", "arrêter", "desabonner", "désabonner", "desinscrire", "désinscrire", // fr
		"stopp", "abmelden", "abbestellen": // de
		return true
	}
	return false
}
