// Package config reads the settings.
//
// What always holds:
//
//   - There is one table of settings ([Load] walks it): name, environment variable, default, rule, example and meaning
//     stand together, and flags, validation, printing and the README's table all come from it.
//   - A flag wins over the environment, the environment over the file, the file over the default.
//   - With no settings at all the program runs on this machine alone.
//   - Everything is checked before anything starts, and all that is wrong is told at once: each [Error] names the setting,
//     where its value came from, the rule and an example.
//   - A secret is never shown, neither by [Config.Print] nor in an error.
//   - A [Config] does not change after Load, and reading one has no effect on the outside world: no folder is made here.
package config
