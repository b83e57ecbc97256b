"""Drawings from metadata: a workflow as a graph, laid out in layers, written as SVG and as Mermaid."""
