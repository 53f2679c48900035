// Package api serves the HTTP contract of openapi.yaml: it authenticates, checks who may call, validates against the
// contract, calls one use-case and turns its error into a Problem. It decides nothing about care itself.
//
// Invariants:
//   - an operation without an x-access rule stops the program from starting: deny by default;
//   - a request reaches a use-case only after its body, path, query and headers passed the contract (unknown fields are
//     refused);
//   - an account that must change its password can do nothing else;
//   - the refresh token lives in a HttpOnly SameSite=Strict cookie scoped to /api/v1/auth and in no body, log or URL;
//   - every error body is a Problem with a code of the catalogue; causes go to the log only.
package api
