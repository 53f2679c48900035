package identity

import (
	"bufio"
	"crypto/rand"
	_ "embed"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// The password rules. The limits are this project's own choice; the maximum is the contract's.
const (
	passwordMin      = 10
	passwordMax      = 128
	passwordDistinct = 5
)

//go:embed common_passwords.txt
var commonPasswords string

var common = sync.OnceValue(func() map[string]bool {
	set := map[string]bool{}
	for s := bufio.NewScanner(strings.NewReader(commonPasswords)); s.Scan(); {
		if line := strings.TrimSpace(s.Text()); line != "" && !strings.HasPrefix(line, "#") {
			set[line] = true
		}
	}
	return set
})

// CheckPassword tells every rule that a new password breaks, as refusals of the named field; nil when there is none.
func CheckPassword(field, username, password string) error {
	password = norm.NFKC.String(password)
	lower := strings.ToLower(password)
	var refused []problem.Field
	refuse := func(code string, args problem.Args) {
		refused = append(refused, problem.Field{Path: field, Code: code, Args: args})
	}
	if n := utf8.RuneCountInString(password); n < passwordMin {
		refuse("too_short", problem.Args{"min": strconv.Itoa(passwordMin)})
	} else if n > passwordMax {
		refuse("too_long", problem.Args{"max": strconv.Itoa(passwordMax)})
	}
	if username != "" && strings.Contains(lower, strings.ToLower(username)) {
		refuse("password_has_username", nil)
	}
	if common()[lower] {
		refuse("password_common", nil)
	}
	distinct := map[rune]bool{}
	for _, r := range password {
		distinct[r] = true
	}
	if len(distinct) < passwordDistinct {
		refuse("password_monotonous", problem.Args{"min": strconv.Itoa(passwordDistinct)})
	}
	if refused != nil {
		return problem.Invalid(refused...)
	}
	return nil
}

// temporaryLetters can be read aloud and typed without doubt: no 0/O, 1/l/I.
const temporaryLetters = "abcdefghjkmnpqrstuvwxyz23456789"

// temporaryPassword draws three groups of four out of 31 letters (59 bits), such as k7rm-2qvw-x9hd.
func temporaryPassword() string {
	for {
		var b strings.Builder
		for b.Len() < 14 {
			if b.Len() == 4 || b.Len() == 9 {
				b.WriteByte('-')
				continue
			}
			var one [1]byte
			_, _ = rand.Read(one[:])
			if n := int(one[0]); n < 256/len(temporaryLetters)*len(temporaryLetters) { // no letter is likelier than another
				b.WriteByte(temporaryLetters[n%len(temporaryLetters)])
			}
		}
		if CheckPassword("", "", b.String()) == nil { // a draw of under five distinct letters is drawn again
			return b.String()
		}
	}
}
