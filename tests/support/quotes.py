"""Quotes that become invoices, of which their mapping leaves a lot to be said; beside the desk of tickets."""

from __future__ import annotations

QUOTES = """
---
entity: quote
title: "{name}"
properties:
  name:  {type: text, required: true}
  note:  {type: text}
  state: {type: state, workflow: quoting}
relations: {client: {to: client}}
access:
  agent:   {create: true, read: all, update: all, transition: all}
  manager: {create: true, read: all, transition: all}
---
entity: invoice
title: "{name}"
properties:
  name:    {type: text, required: true}
  address: {type: text, required: true, label: Address}
  due:     {type: date, required: true, label: Due}
  amount:  {type: money, currency: EUR, required: true}
relations:
  client: {to: client, required: true, options_where: option.name != record.address}
access: {agent: {read: all}}
---
mapping: quote_to_invoice
from: quote
to: invoice
with: {name: "Invoice for {name}", address: {cel: record.note}, client: {cel: record.client}}
---
workflow: quoting
entity: quote
property: state
initial: open
states: {open: {}, billed: {final: true}}
transitions:
  bill: {from: open, to: billed, form: [{reason: {type: text, required: true}}], do: [{convert: quote_to_invoice}]}
  charge: {from: open, to: billed, do: [{convert: {mapping: quote_to_invoice, as: invoice}}]}
"""
