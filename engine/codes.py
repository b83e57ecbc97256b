"""The catalogue of problem codes: what each means and what cures it, for `engine explain error` and the docs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of complaint about metadata."""

    title: str
    cause: str
    cure: str


CODES: dict[str, Code] = {
    # ---- files and YAML
    "empty-file": Code(
        "A file without a document",
        "The file is empty or holds comments only.",
        "Declare something in it, or delete it.",
    ),
    "file-too-large": Code(
        "A file too large for metadata",
        "Metadata is read whole at every start.",
        "Split the file; import records instead of declaring them.",
    ),
    "unreadable-file": Code(
        "A file that can't be read", "The operating system refuses it.", "Check its permissions."
    ),
    "not-utf8": Code(
        "Bytes that are no UTF-8", "The file was saved in another encoding.", "Save it as UTF-8."
    ),
    "yaml-control-character": Code(
        "A control character", "A character that no text shows stands in the file.", "Delete it."
    ),
    "yaml-tab": Code(
        "A tab in the indentation", "YAML knows spaces only.", "Indent with two spaces for each level."
    ),
    "yaml-indentation": Code(
        "An indentation that fits nothing",
        "The line stands deeper or less deep than its neighbours.",
        "Give the keys of one mapping the same indentation.",
    ),
    "yaml-colon": Code(
        "A colon too many or too few",
        "YAML reads `: ` as the end of a key.",
        "Quote the text, or write `key: value`.",
    ),
    "yaml-quote": Code(
        "Quotes that do not fit",
        "A text begins with a sign YAML keeps for itself, or its quote is not closed.",
        "Put the whole text in one pair of quotes.",
    ),
    "yaml-escape": Code(
        "An unknown escape",
        "In double quotes a backslash begins an escape.",
        "Double it, or use single quotes.",
    ),
    "yaml-flow": Code(
        "A bracket that is not closed", "A comma, bracket or brace is missing.", "Close it on the same line."
    ),
    "yaml-list": Code(
        "A list on its key's line",
        "A list of `- ` items begins on a line of its own.",
        "Write `key: [a, b]`, or the items below.",
    ),
    "yaml-alias": Code(
        "An alias without its anchor",
        "`*name` repeats what `&name` marked.",
        "Mark it first; quote a text that begins with `*`.",
    ),
    "yaml-directive": Code("A YAML directive", "Lines with % are not used here.", "Delete it."),
    "yaml-syntax": Code(
        "Something YAML can't read", "A sign is missing or too much.", "Look at the line, and the one above."
    ),
    "expression-needs-quotes": Code(
        "An expression YAML reads as something else",
        "Signs such as ! [ { : # mean something to YAML.",
        "Put the expression in single quotes.",
    ),
    "duplicate-key": Code("A key twice in one mapping", "Only one of them could count.", "Keep one."),
    "bad-key": Code(
        "A key that is no name",
        "A mapping or list stands where a name should.",
        "Quote it, or close a bracket.",
    ),
    "bad-number": Code(
        "A number that can't be used",
        "Infinity, not-a-number, or hundreds of digits.",
        "Write a plain number; quote it if it is a text.",
    ),
    "unknown-tag": Code(
        "A YAML tag",
        "Metadata is plain mappings, lists and scalars.",
        "Leave the tag out; quote a text that begins with `!`.",
    ),
    "recursive-alias": Code("An alias inside what it names", "It would never end.", "Write the text out."),
    "alias-bomb": Code(
        "Aliases that repeat too much", "Aliases of aliases grow beyond all measure.", "Write the values out."
    ),
    "too-deep": Code(
        "Nested too deep", "No document of metadata needs so many levels.", "Close brackets, or indent less."
    ),
    "not-a-mapping": Code(
        "A document that is no mapping",
        "A document begins with its kind.",
        "Begin it with `entity: NAME`, or another kind.",
    ),
    # ---- documents
    "no-application": Code(
        "A folder that is no application",
        "`metadata/app.yaml` with `app: NAME` is missing.",
        "Write it, or make an application with `engine new DIR`.",
    ),
    "missing-kind": Code(
        "A document without a kind",
        "Its first key says what it declares.",
        "Begin it with `entity: NAME`, or another kind.",
    ),
    "unknown-kind": Code(
        "An unknown kind of document", "The first key is none of the language's kinds.", "Correct the word."
    ),
    "kind-not-available": Code(
        "A kind this version does not read",
        "It belongs to the language, but not to this version.",
        "Take the document out until it does.",
    ),
    "unknown-layer": Code(
        "A layer that is not there",
        "`uses:` names a folder or an installed package.",
        "Correct the name, or install the package.",
    ),
    "layer-cycle": Code(
        "Layers that use each other", "An application can't build on itself.", "Take one `uses` out."
    ),
    "duplicate-entity": Code(
        "An entity declared twice",
        "Two documents have the same kind and name.",
        "Rename one; add to an entity by `extend:`.",
    ),
    "duplicate-app": Code("Two application documents", "An application has one name.", "Keep one."),
    "duplicate-picklist": Code(
        "A picklist declared twice", "Two documents have the same name.", "Rename or remove one."
    ),
    "duplicate-role": Code(
        "A role declared twice", "Two documents have the same name.", "Rename or remove one."
    ),
    "duplicate-profile": Code(
        "A profile declared twice", "Two documents have the same name.", "Rename or remove one."
    ),
    "duplicate-workflow": Code(
        "A workflow declared twice", "Two documents have the same name.", "Rename or remove one."
    ),
    "duplicate-grid": Code(
        "Two grids of one entity", "An entity has one grid; presets are its `views`.", "Merge them."
    ),
    "duplicate-view": Code("Two view pages of one entity", "An entity has one.", "Merge them."),
    "duplicate-form": Code("Two forms of one entity", "An entity has one.", "Merge them."),
    "duplicate-navigation": Code("Two navigations", "An application has one menu.", "Merge them."),
    # ---- shape
    "unknown-key": Code(
        "A key that means nothing here", "It is misspelt, or belongs elsewhere.", "Correct it, or move it."
    ),
    "missing-key": Code("A key that is needed", "The document says nothing without it.", "Add it."),
    "wrong-type": Code(
        "A value of the wrong kind",
        "A text where a list belongs, for example.",
        "Write it as the example shows.",
    ),
    "unknown-value": Code(
        "A value that is not offered", "The key takes one of a few words.", "Use one of them."
    ),
    "bad-value": Code(
        "A value outside its limits", "It is too small, too large, or has not the form.", "Change it."
    ),
    "bad-name": Code(
        "A name that is none",
        "Names are lower_case words joined by single underscores, at most 55 letters.",
        "Rename it; what people read is its `label`.",
    ),
    "reserved-name": Code(
        "A name the engine uses itself",
        "Every entity has it, or it is the address of a page.",
        "Choose another.",
    ),
    "name-clash": Code(
        "A name used twice",
        "Properties, relations and inverses of an entity share their names.",
        "Rename one.",
    ),
    # ---- members
    "unknown-type": Code(
        "An unknown property type",
        "Neither the engine nor a plugin has it.",
        "Correct it; docs/reference lists them.",
    ),
    "unknown-entity": Code(
        "An unknown entity", "No document declares it.", "Correct the name, or declare it."
    ),
    "unknown-property": Code(
        "An unknown property", "The entity has no property or relation of this name.", "Correct it."
    ),
    "unknown-picklist": Code(
        "An unknown picklist", "No document declares it.", "Correct the name, or declare it."
    ),
    "unknown-workflow": Code(
        "An unknown workflow", "No document declares it.", "Correct the name, or declare it."
    ),
    "unknown-state": Code("An unknown state", "The workflow has no such state.", "Correct the name."),
    "unknown-role": Code("An unknown role", "No document declares it.", "Correct the name, or declare it."),
    "unknown-profile": Code(
        "An unknown profile", "No document declares it.", "Correct the name, or declare it."
    ),
    "unknown-relation": Code(
        "An unknown relation", "The entity has no list of related records of this name.", "Correct it."
    ),
    "unknown-action": Code(
        "An unknown action", "Grants speak of create, read, update, delete and so on.", "Use one of them."
    ),
    "unknown-currency": Code(
        "An unknown currency", "It is no ISO 4217 code.", "Write EUR, USD, RON and so on."
    ),
    "no-options": Code(
        "A choice without options", "Nothing could be chosen.", "List the options, or name a picklist."
    ),
    "bad-option": Code(
        "Options that contradict each other", "A minimum above its maximum, for example.", "Change one."
    ),
    "bad-default": Code(
        "A default that is no value of its type", "It would be refused in a form too.", "Change it."
    ),
    "not-indexable": Code(
        "A type that can't be unique or indexed", "Long texts, lists and files have no order.", "Take it out."
    ),
    "not-searchable": Code(
        "A type that can't be searched", "Only texts are searched for words.", "Take `search` out."
    ),
    "relation-among-properties": Code(
        "A relation among the properties", "It has `to` instead of `type`.", "Move it below `relations:`."
    ),
    "property-among-relations": Code(
        "A property among the relations", "It has `type` instead of `to`.", "Move it below `properties:`."
    ),
    "bad-relation": Code(
        "A relation that can't be",
        "Its kind, target and options contradict each other.",
        "Change one as the message says.",
    ),
    "bad-through": Code(
        "An entity in between without both ends",
        "`through` needs a relation to each side.",
        "Add the one that is missing.",
    ),
    "composition-cycle": Code(
        "Composed of itself",
        "A row can't hold the record that holds it.",
        "Use a tree, or another kind of relation.",
    ),
    "required-cycle": Code(
        "Records that need each other",
        "None could ever be created first.",
        "Make one of the relations optional.",
    ),
    "bad-record-type": Code(
        "A record type that contradicts its entity",
        "It hides what is required.",
        "Require it by record type instead.",
    ),
    "wrong-workflow": Code(
        "A workflow of another property",
        "It names another entity or property than the one that uses it.",
        "Correct one of the two.",
    ),
    # ---- paths and pages
    "bad-template": Code(
        "A title that can't be read", "Its braces do not fit.", "Write {property}; {{ for a brace."
    ),
    "bad-path": Code(
        "A path that goes on behind its end",
        "It goes through a property, or a relation to several entities.",
        "End it there.",
    ),
    "to-many-path": Code(
        "A path through many records", "A column shows one value.", "Show a related list instead."
    ),
    "path-too-long": Code("A path of too many steps", "At most six.", "Shorten it."),
    "unsortable": Code(
        "A property that can't be sorted by", "Lists, files and points have no order.", "Sort by another."
    ),
    "bad-filter": Code(
        "A preset that filters by an impossible value", "The property can't have it.", "Change the value."
    ),
    "bad-layout": Code(
        "A block that shows nothing",
        "A block is a section with fields, a related list, or a timeline.",
        "Say which.",
    ),
    # ---- application
    "bad-setting": Code("A setting that can't be", "No such time zone or language.", "Change it."),
    "role-cycle": Code("A role above itself", "Parents of roles form a tree.", "Choose another parent."),
    "not-enforced-yet": Code(
        "Accepted, but without effect",
        "It belongs to the language, but this version does not carry it out.",
        "Keep it for later, or take it out.",
    ),
    "unused-picklist": Code("A picklist nobody uses", "No property names it.", "Use it, or take it out."),
    "unused-profile": Code("A profile nobody holds", "No role names it.", "Assign it, or take it out."),
    "unused-workflow": Code(
        "A workflow nobody runs", "No state property names it.", "Use it, or take it out."
    ),
    "unused-role": Code(
        "A role that may nothing", "No grant names it.", "Grant it something, or take it out."
    ),
    # ---- plugins and database
    "plugin-failed": Code(
        "A plugin that can't be loaded",
        "Its module raised an error.",
        "Mend it; the message names file and line.",
    ),
    "schema-differs": Code(
        "The database differs",
        "The change of metadata is not one that only adds.",
        "Take it back, or bring the database to it.",
    ),
}
