"""The template of the hand-written page of a ticket: plain text and conditions, without a macro."""

from __future__ import annotations

from bench.view_flow import BUTTONS_TEMPLATE, ITEMS_TEMPLATE, RUN_TEMPLATE, STEPPER_TEMPLATE

NONE = '<span class="none" title="Not filled in">—</span>'


def prop(label: str, value: str, given: str, wide: bool = False) -> str:
    css = "prop prop-wide" if wide else "prop"
    said = f"{{% if {given} %}}{value}{{% else %}}{NONE}{{% endif %}}"
    return f'<div class="{css}"><dt>{label}</dt><dd>{said}</dd></div>\n'


SIGN = '<svg class="icon" aria-hidden="true"><use href="#i-{{ "check" if t.overdue == "Yes" else "minus" }}"/></svg>'


def link(label: str, name: str, entity: str = "", title: str = "") -> str:
    said = title or f"{{{{ t.{name}_name }}}}"
    target = f"/{entity or name}/{{{{ t.{name} }}}}"
    return prop(label, f'<a class="link" href="{target}">{said}</a>', f"t.{name}")


def badge(at: str) -> str:
    phase = f'{{% if {at}_badge.phase %}} data-phase="{{{{ {at}_badge.phase }}}}"{{% endif %}}'
    return (
        f'<span class="badge" data-tone="{{{{ {at}_badge.tone }}}}"{phase}>{{{{ {at}_badge.text }}}}</span>'
    )


def choice(label: str, name: str) -> str:
    return prop(label, badge(f"t.{name}"), f"t.{name}")


def moment(label: str, name: str) -> str:
    said = f'<time class="due" datetime="{{{{ t.{name}.isoformat() }}}}">{{{{ t.{name}_said }}}}</time>'
    return prop(label, said, f"t.{name}")


def person(at: str) -> str:
    return (
        f'<span class="person"><span class="avatar" data-tone="{{{{ {at}.owner_tone }}}}" aria-hidden="true">'
        f"{{{{ {at}.owner_initials }}}}</span>"
        f'<a class="truncate" href="/user/{{{{ {at}.owner }}}}">{{{{ {at}.owner_name }}}}</a></span>'
    )


def section(title: str, slug: str, inner: str) -> str:
    head = f'<div class="section-head"><h2 id="{slug}">{title}</h2></div>'
    return f'<section class="section" aria-labelledby="{slug}">{head}\n<dl class="props">\n{inner}</dl>\n\n</section>\n'


# ---- related lists


def cell(inner: str, css: str = "") -> str:
    return f'<td role="cell"{css and f" class={chr(34)}{css}{chr(34)}"}>{inner}</td>'


def choice_cell(name: str) -> str:
    return cell(f"{{% if r.{name} %}}{badge(f'r.{name}')}{{% endif %}}")


def moment_cell(name: str) -> str:
    said = f'<time class="due" datetime="{{{{ r.{name}.isoformat() }}}}">{{{{ r.{name}_said }}}}</time>'
    return cell(f"{{% if r.{name} %}}{said}{{% endif %}}")


OWNER_CELL = cell(f"{{% if r.owner %}}{person('r')}{{% endif %}}", "col-person")


def title_cell(entity: str) -> str:
    return (
        f'<th role="rowheader" scope="row" class="col-title"><a class="truncate" href="/{entity}/{{{{ r.id }}}}" '
        'title="{{ r.subject }}">{{ r.subject }}</a></th>'
    )


def related(title: str, name: str, slug: str, add: tuple[str, str], columns: str, cells: str) -> str:
    heads = "".join(f'<th role="columnheader" scope="col">{column}</th>' for column in columns.split(", "))
    return (
        f'<section class="section related" aria-labelledby="{slug}"><div class="section-head">'
        f'<h2 id="{slug}">{title}</h2>{{% if {name} %}}<span class="num">{{{{ {name}|length }}}}</span>{{% else %}}'
        '<span class="muted small">None yet</span>{% endif %}<span class="spacer"></span>'
        f'<a class="btn btn-sm" href="{add[0]}&amp;next=%2Fticket%2F{{{{ t.id }}}}" aria-label="Add {add[1]}">'
        '<svg class="icon" aria-hidden="true"><use href="#i-plus"/></svg>Add</a></div>\n'
        f'{{% if {name} %}}\n<div class="table-scroll">\n<table class="table table-stack" role="table">\n'
        f'<caption class="visually-hidden">{title}</caption>\n'
        f'<thead role="rowgroup"><tr role="row">{heads}</tr></thead>\n<tbody role="rowgroup">'
        f'{{% for r in {name} %}}<tr role="row" data-id="{{{{ r.id }}}}">{cells}</tr>{{% endfor %}}'
        "</tbody>\n</table>\n</div>\n{% endif %}\n</section>\n"
    )


def about(entity: str, label: str) -> tuple[str, str]:
    return f"/{entity}/new?about=ticket%3A{{{{ t.id }}}}", label


FILES = """\
<section class="section related section-bare" aria-labelledby="r-3"><div class="section-head"><h2 id="r-3">Files</h2>\
{% if files %}<span class="num">{{ files|length }}</span>{% else %}<span class="muted small">None yet</span>{% endif %}\
<span class="spacer"></span><a class="btn btn-sm" href="/ticket/{{ t.id }}/edit" aria-label="Add file">\
<svg class="icon" aria-hidden="true"><use href="#i-plus"/></svg>Add</a></div>
{% if files %}<ul>{% for f in files %}<li><a href="/files/{{ f.file }}">{{ f.file }}</a></li>{% endfor %}</ul>
{% endif %}
</section>
"""

# ---- the page

HEAD = (
    """\
<div class="record-head">
  <nav class="crumbs" aria-label="Path"><a href="/ticket">Tickets</a><svg class="icon icon-dir" aria-hidden="true">\
<use href="#i-chevron-right"/></svg><span class="num truncate">Ticket {{ t.id }}</span></nav>
  <div class="title-row">
    <h1>{{ t.number }} · {{ t.subject }}</h1>
    <div class="actions">
"""
    + BUTTONS_TEMPLATE
    + """
      <a class="btn btn-outline" href="/ticket/{{ t.id }}/edit" data-key="e" aria-keyshortcuts="e"><svg class="icon" \
aria-hidden="true"><use href="#i-pencil"/></svg>Edit</a>
      <button class="btn btn-icon btn-outline" type="button" popovertarget="more" aria-label="More actions" \
aria-haspopup="menu"><svg class="icon" aria-hidden="true"><use href="#i-ellipsis"/></svg></button>
      <div class="menu" id="more" popover>
"""
    + ITEMS_TEMPLATE
    + """
        <a class="menu-item" href="/ticket/new?copy={{ t.id }}"><svg class="icon" aria-hidden="true">\
<use href="#i-copy"/></svg>Duplicate</a>
        <a class="menu-item" href="/ticket/{{ t.id }}/history"><svg class="icon" aria-hidden="true">\
<use href="#i-clock"/></svg>History</a>
        <a class="menu-item" href="/ticket/{{ t.id }}/share"><svg class="icon" aria-hidden="true">\
<use href="#i-share-2"/></svg>Share</a>
        <a class="menu-item" href="/ticket/{{ t.id }}/recording"><svg class="icon" aria-hidden="true">\
<use href="#i-flask-conical"/></svg>Record a test</a>
        <a class="menu-item btn-danger" href="/ticket/{{ t.id }}/delete" data-dialog><svg class="icon" \
aria-hidden="true"><use href="#i-trash"/></svg>Delete</a>
      </div>
    </div>
  </div>
"""
    + STEPPER_TEMPLATE
    + """
</div>
<div class="record"><div class="record-body">
"""
)

HISTORY = (
    """\
<section class="section" aria-labelledby="s-history"><div class="section-head"><h2 id="s-history">History</h2>\
<span class="spacer"></span></div>
<ol class="timeline">
{% for e in history %}
<li>{% if e.moved %}<span class="event-icon event-moved"><svg class="icon icon-dir" aria-hidden="true">\
<use href="#i-arrow-right"/></svg></span>{% else %}<span class="event-icon"><span class="avatar avatar-lg" \
data-tone="{{ e.tone }}" aria-hidden="true">{{ e.initials }}</span></span>{% endif %}<div>
<p class="event-line">{% if e.actor_id %}<a href="/user/{{ e.actor_id }}"><b>{{ e.who }}</b></a>{% else %}\
<b>{{ e.who }}</b>{% endif %} {% if e.moved %}· <b>{{ e.moved }}</b>{% elif e.action == "create" %}created this{% elif \
e.changes|length == 1 %}changed \
<b>{{ e.changes[0].label }}</b>{% else %}changed {{ e.changes|length }} properties{% endif %} {{ e.said }} · \
<time datetime="{{ e.at.isoformat() }}" title="{{ e.exactly }}">{{ e.ago }}</time></p>
{% if e.changes and e.action != "create" %}
<ul class="changes">{% for c in e.changes %}<li><span class="name">{{ c.label }}</span>{% if c.old %}\
<del>{{ c.old|truncate(120) }}</del>{% endif %}{% if c.old and c.new %}<svg class="icon icon-dir" aria-hidden="true">\
<use href="#i-arrow-right"/></svg>{% endif %}{% if c.new %}<b>{{ c.new|truncate(120) }}</b>{% endif %}</li>
{% endfor %}</ul>
{% endif %}
"""
    + RUN_TEMPLATE
    + """
</div></li>
{% endfor %}
</ol></section>
</div>
<aside class="record-aside" aria-label="Properties">
"""
)

TAGS = """\
<section class="section" aria-labelledby="s-tags"><div class="section-head"><h2 id="s-tags">Tags</h2></div>
<div class="tags">{% for tag in tags %}<a class="tag" href="/ticket?filter.tags={{ tag.id }}">{{ tag.name }}</a>\
{% else %}<span class="muted small">None yet</span>{% endfor %}</div>
</section>
<section class="section" aria-label="Record">
<p class="small muted">Created <time datetime="{{ t.created_at.isoformat() }}" title="{{ t.created_at_said }}">\
{{ t.created_at_ago }}</time>{% if t.created_by %} by <a class="link" href="/user/{{ t.created_by }}">\
{{ t.created_by_name }}</a>{% endif %}.{% if t.version > 1 %} Changed <time \
datetime="{{ t.updated_at.isoformat() }}" title="{{ t.updated_at_said }}">{{ t.updated_at_ago }}</time>\
{% if t.updated_by %} by <a class="link" href="/user/{{ t.updated_by }}">{{ t.updated_by_name }}</a>{% endif %}.\
{% endif %}</p>
</section>
</aside></div>
"""

WATCHERS = (
    '<span class="tags">{% for w in watchers %}<a class="tag" href="/user/{{ w.id }}">{{ w.name }}</a>'
    "{% endfor %}</span>"
)

MAIN = (
    HEAD
    + section(
        "Request",
        "s-0",
        prop("Number", "{{ t.number }}", "t.number")
        + prop("Subject", "{{ t.subject }}", "t.subject")
        + link("Account", "account")
        + link("Contact", "contact")
        + choice("Type", "type")
        + choice("Channel", "channel")
        + link("Product", "product")
        + link("Web customer", "web_customer")
        + prop("About", '<a class="link" href="{{ t.about }}">{{ t.about_said }}</a>', "t.about"),
    )
    + section(
        "Description",
        "s-1",
        prop("Description", '<div class="prose">{{ t.description|safe }}</div>', "t.description", wide=True)
        + prop("Attachment", "{{ t.attachment }}", "t.attachment"),
    )
    + section(
        "Resolution",
        "s-2",
        prop("Resolution", '<div class="prose">{{ t.resolution|safe }}</div>', "t.resolution", wide=True),
    )
    + FILES
    + related(
        "Tasks", "tasks", "r-4", about("task", "task"), "Subject, Status, Due, Owner",
        title_cell("task") + choice_cell("status") + moment_cell("due_at") + OWNER_CELL,
    )
    + related(
        "Calls", "calls", "r-5", about("call", "call"), "Subject, Direction, Outcome, Called at",
        title_cell("call") + choice_cell("direction") + choice_cell("outcome") + moment_cell("called_at"),
    )
    + related(
        "Events", "events", "r-6", about("calendar_event", "event"), "Subject, Type, Starts at",
        title_cell("calendar_event") + choice_cell("type") + moment_cell("starts_at"),
    )
    + related(
        "Children", "children", "r-7", ("/ticket/new?parent={{ t.id }}", "ticket"), "Number, Subject, Status, Owner",
        cell("{{ r.number }}", "col-id") + title_cell("ticket") + choice_cell("status") + OWNER_CELL,
    )
    + HISTORY
    + section(
        "Handling",
        "s-aside-0",
        choice("Status", "status")
        + choice("Priority", "priority")
        + prop("Owner", person("t"), "t.owner")
        + moment("Due", "due_at")
        + prop("Overdue", f'<span class="check">{SIGN}{{{{ t.overdue }}}}</span>', "t.overdue")
        + prop("Watchers", WATCHERS, "watchers", wide=True)
        + link("Part of", "parent", "ticket", "{{ t.parent_number }} · {{ t.parent_subject }}"),
    )
    + section(
        "Service",
        "s-aside-1",
        prop("Time spent", "{{ t.effort }}", "t.effort")
        + moment("Resolved at", "resolved_at")
        + prop(
            "Satisfaction",
            '<span class="rating"><span class="visually-hidden">{{ t.satisfaction }} of 5</span></span>',
            "t.satisfaction",
        ),
    )
    + TAGS
)  # fmt: skip
