"""From the syntax tree to the checked tree: every name resolved, every operand of a kind, every mistake told."""
