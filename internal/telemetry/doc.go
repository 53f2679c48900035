// Package telemetry is how the program speaks about itself: log lines, metrics and request ids.
//
// What always holds:
//
//   - A log line carries no personal data and no secret. Requests are logged by the template of their route, never by
//     their path, query, address or headers; a secret setting has the type [Secret], which every way of printing shows
//     as "***".
//   - Each request has an id. It is in the context, in every log line that is written with that context, and in the
//     X-Request-Id header of the reply, so that one line of a user's report finds its lines here.
//   - A metric has few label values: a route is its template, a status its code, and what matches no route is one value.
//   - A panic in a handler ends that request with an answer, a log line with the stack, and a count; the server goes on.
//   - Nothing here is global: loggers and registries are made by who wires the program and handed on.
package telemetry
