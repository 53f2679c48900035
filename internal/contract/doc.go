// Package contract holds the types and the server interface that oapi-codegen makes from internal/api/openapi.yaml.
//
// It is a leaf that every layer may import, so that a consultation has one shape from the use-case to the page.
//
// Invariants: nothing here is written by hand; internal/api/openapi.yaml is the only source, and the build regenerates and compares.
package contract
