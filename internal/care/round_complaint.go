package care

import (
	"slices"
	"strings"

	"github.com/lianzhen-health/lianzhen/internal/consult"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// roundComplaint is what stands as the complaint of a resident for whom nobody wrote one: that the round is planned, and why.
func roundComplaint(why []string, l consult.Lang) string {
	locale, colon, comma := "zh-CN", "：", "、"
	if l == consult.EN {
		locale, colon, comma = "en", ": ", ", "
	}
	words := make([]string, len(why))
	for i, code := range why {
		words[i] = consult.Label(consult.VocabRoundWhy, code, l)
	}
	if len(words) == 0 {
		colon = ""
	}
	return problem.Sentence(locale, "round_complaint", nil) + colon + strings.Join(words, comma)
}

// complaintIn gives a complaint to a reader: one that roundComplaint made in the reader's language, and what a person wrote as it was written.
func complaintIn(text string, l consult.Lang) string {
	rest, made := strings.CutPrefix(text, roundComplaint(nil, consult.ZH))
	if l == consult.ZH || !made {
		return text
	}
	if rest == "" {
		return roundComplaint(nil, l)
	}
	rest, made = strings.CutPrefix(rest, "：")
	if !made {
		return text
	}
	var why []string
	for word := range strings.SplitSeq(rest, "、") {
		terms := consult.Terms(consult.VocabRoundWhy)
		i := slices.IndexFunc(terms, func(t consult.Term) bool { return t.ZH == word })
		if i < 0 {
			return text
		}
		why = append(why, terms[i].Code)
	}
	return roundComplaint(why, l)
}
