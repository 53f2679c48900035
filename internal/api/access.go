package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/lianzhen-health/lianzhen/internal/contract"
	"github.com/lianzhen-health/lianzhen/internal/identity"
	"github.com/lianzhen-health/lianzhen/internal/problem"
)

// Access says who may call an operation: everybody, every account, or the holders of one of the roles.
type Access struct {
	Public   bool
	SignedIn bool
	Roles    []string
}

// Operation is one route of the contract with its rule.
type Operation struct {
	ID     string // operationId with a capital first letter, as the generated code names it
	Method string
	Path   string
	Access Access
}

// Operations reads every operation of the contract. An operation without a readable x-access rule is an error.
func Operations(spec *openapi3.T) ([]Operation, error) {
	var all []Operation
	for _, path := range spec.Paths.InMatchingOrder() {
		for method, op := range spec.Paths.Value(path).Operations() {
			a, err := access(op.Extensions["x-access"])
			if err != nil {
				return nil, fmt.Errorf("%s %s: %w", method, path, err)
			}
			all = append(all, Operation{ID: capital(op.OperationID), Method: method, Path: path, Access: a})
		}
	}
	slices.SortFunc(all, func(a, b Operation) int { return strings.Compare(a.Path+a.Method, b.Path+b.Method) })
	return all, nil
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func access(rule any) (Access, error) {
	switch r := rule.(type) {
	case string:
		switch r {
		case "public":
			return Access{Public: true}, nil
		case "signed-in":
			return Access{SignedIn: true}, nil
		}
	case []any:
		var a Access
		for _, role := range r {
			s, ok := role.(string)
			if !ok || !contract.Role(s).Valid() {
				return Access{}, fmt.Errorf("x-access names no role: %v", role)
			}
			a.Roles = append(a.Roles, s)
		}
		if len(a.Roles) > 0 {
			return a, nil
		}
	}
	return Access{}, fmt.Errorf("no x-access rule: %v", rule)
}

// mayChangePasswordOnly are the operations left to an account that must change its password first.
var mayChangePasswordOnly = []string{"GetMe", "ChangePassword", "LogoutEverywhere", "UpdateMe"}

// beforeFactor are the operations left to a sign-in that waits for its second factor.
var beforeFactor = []string{"GetMe", "UpdateMe", "LogoutEverywhere", "ConfirmSignIn", "GetSecondFactor", "BeginTotp", "ConfirmTotp", "BeginKeyCheck",
	"BeginKey", "AddKey"}

// admit decides whether the caller may use an operation at all.
func admit(ctx context.Context, operation string, rule Access) error {
	if rule.Public {
		return nil
	}
	a, err := signedIn(ctx)
	switch {
	case err != nil:
		return err
	case a.MustChangePassword && !slices.Contains(mayChangePasswordOnly, operation):
		return problem.New(http.StatusForbidden, "password_change_required", nil)
	case !a.MustChangePassword && a.FactorDue != "" && !slices.Contains(beforeFactor, operation):
		return problem.New(http.StatusForbidden, "second_factor_at_sign_in", nil)
	case !rule.SignedIn && !a.Has(rule.Roles...):
		return problem.Forbidden()
	}
	return nil
}

type contextKey int

const (
	actorKey contextKey = iota
	refusalKey
	requestKey
)

// actor is the caller of a handler that admit let through.
func actor(ctx context.Context) identity.Actor {
	a, _ := ctx.Value(actorKey).(identity.Actor)
	return a
}

func signedIn(ctx context.Context) (identity.Actor, error) {
	if a, ok := ctx.Value(actorKey).(identity.Actor); ok {
		return a, nil
	}
	if err, ok := ctx.Value(refusalKey).(error); ok {
		return identity.Actor{}, err
	}
	return identity.Actor{}, problem.New(http.StatusUnauthorized, "unauthenticated", nil)
}
