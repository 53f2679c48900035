package identity

import (
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/lianzhen-health/lianzhen/internal/contract"
)

// Whoever has the password has as many sign-ins as he likes, and clears with it what was counted for one of them. Neither buys more
// guesses of a code.
func TestGuessesOfACodeAreCountedForThePerson(t *testing.T) {
	w := newWorld(t)
	w.user("dr.wang")
	a := w.login("dr.wang").Actor
	secret, _, err := w.BeginTOTP(t.Context(), a, contract.FactorChange{Password: password})
	if err != nil {
		t.Fatal(err)
	}
	code := func() string {
		t.Helper()
		c, err := totp.GenerateCode(secret, w.clock.now())
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	recovery, err := w.ConfirmTOTP(t.Context(), a, code())
	if err != nil {
		t.Fatal(err)
	}
	wants(t, w.VerifyFactor(t.Context(), a, proof(MethodTOTP, code())), "wrong_code") // used up by the confirmation
	wants(t, w.RemoveTOTP(t.Context(), a, change(MethodTOTP, "000000")), "wrong_code")
	wants(t, w.RemoveTOTP(t.Context(), w.login("dr.wang").Actor, change(MethodTOTP, "000000")), "wrong_code")
	wants(t, w.VerifyFactor(t.Context(), w.login("dr.wang").Actor, proof(MethodRecovery, "AAAAA-AAAAA")), "wrong_code")
	thief := w.login("dr.wang").Actor
	wants(t, w.RemoveTOTP(t.Context(), thief, change(MethodTOTP, "000000")), "account_locked")
	wants(t, w.RemoveTOTP(t.Context(), w.login("dr.wang").Actor, change(MethodRecovery, recovery[0])), "account_locked")
	if err := w.VerifyPassword(t.Context(), a, password); err != nil {
		t.Errorf("the password is locked as well: %v", err)
	}
	w.clock.pass(time.Minute)
	if err := w.VerifyFactor(t.Context(), a, proof(MethodTOTP, code())); err != nil {
		t.Fatalf("after a minute: %v", err)
	}
	for range 4 { // a right code begins the count anew
		wants(t, w.VerifyFactor(t.Context(), a, proof(MethodTOTP, "000000")), "wrong_code")
	}
	if err := w.VerifyFactor(t.Context(), a, proof(MethodRecovery, recovery[0])); err != nil {
		t.Error(err)
	}
	wants(t, w.VerifyFactor(t.Context(), a, proof(MethodRecovery, recovery[0])), "wrong_code")
}

func proof(method, code string) contract.FactorProof {
	return contract.FactorProof{Method: contract.FactorMethod(method), Code: code}
}

func change(method, code string) contract.FactorChange {
	p := proof(method, code)
	return contract.FactorChange{Password: password, Proof: &p}
}
