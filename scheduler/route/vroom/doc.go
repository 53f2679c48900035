// Package vroom reads problems and writes plans in the JSON of VROOM (https://github.com/VROOM-Project/vroom, docs/API.md of
// version 1.14), so that either program can stand in for the other and a plan can be looked at with tools that exist.
//
// Read are jobs and vehicles with time windows, breaks, skills, priorities, amounts, max_tasks, speed_factor, steps (the day as it was
// planned) and custom matrices of one profile. Shipments, costs for each vehicle and other limits are refused, not ignored: a plan that
// leaves them out would look right and be wrong. Beside VROOM's fields an output says why each step stands where it is.
package vroom
