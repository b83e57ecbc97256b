"""The expression language itself: from text to the syntax tree, the kinds of its values, and the checked tree."""
