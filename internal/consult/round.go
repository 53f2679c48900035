package consult

// The lists of rounds (查房): one call over a list of residents.
const (
	VocabRoundState  Vocabulary = "round_state"
	VocabRoundEntry  Vocabulary = "round_entry"  // where a resident stands in a round
	VocabRoundWhy    Vocabulary = "round_why"    // what speaks for seeing a resident
	VocabRoundSkip   Vocabulary = "round_skip"   // why a resident is passed over
	VocabRoundPause  Vocabulary = "round_pause"  // why a round is interrupted
	VocabRoundCancel Vocabulary = "round_cancel" // why a planned one is called off
)

// RoundLists are the vocabularies of rounds.
func RoundLists() []Vocabulary {
	return []Vocabulary{VocabRoundState, VocabRoundEntry, VocabRoundWhy, VocabRoundSkip, VocabRoundPause, VocabRoundCancel}
}
