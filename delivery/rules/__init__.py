"""Decide without touching anything.

Nothing here reads a file, a clock, the network or the environment: bytes and `now` come in, values go out.
So the pull request's check, its plan, the update endpoint, the static manifests and `./inv explain` share one truth.

`load` bytes to typed facts -> `read` which path is which fact -> `check` one rule, one function ->
`assemble` facts to one environment's catalog -> `catalog` its canonical bytes -> `compile` a table to look up in ->
`decide` one answer.
`plan` compares two catalogs with `decide`; `edit` adds a line to a fact and proves that nothing else changed.

What the endpoint imports of it, and so ships, uses the standard library, msgspec, semver and
securesystemslib only.
"""
