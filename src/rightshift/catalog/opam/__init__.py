"""OCaml's packages."""
