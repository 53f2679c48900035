// Command chaos breaks real servers under load and says what did not hold: `make chaos ARGS="-seed 7 -duration 60s -only F1,F3"`.
package main
