package consult

// What stands in the log of accesses, in words: actions are operations of the contract and codes of their own.
const (
	VocabAuditedAction Vocabulary = "audited_action"
	VocabAuditedObject Vocabulary = "audited_object"
	VocabAuditedResult Vocabulary = "audited_result"
)

// AuditLists are the vocabularies of the log of accesses.
func AuditLists() []Vocabulary {
	return []Vocabulary{VocabAuditedAction, VocabAuditedObject, VocabAuditedResult}
}

// AuditedResult is a result of the log in words. It is one of the list, the role that was given or the grade of an event; other details,
// codes and numbers, stay as they are.
func AuditedResult(code string, l Lang) string {
	for _, v := range []Vocabulary{VocabAuditedResult, VocabRole, VocabAdverseGrade} {
		if t, ok := Lookup(v, code); ok {
			return t.Label(l)
		}
	}
	return code
}
