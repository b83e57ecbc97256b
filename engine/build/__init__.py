"""From the metamodel to what can be executed: tables, validators, access, page plans; built once, immutable."""
