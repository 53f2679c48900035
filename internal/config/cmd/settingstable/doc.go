// Command settingstable writes the table of settings: to standard output, or with -w FILE between the marks
// <!-- settings --> and <!-- /settings --> of that file.
package main
