"""The schemas of the application itself, picklists, roles, profiles and workflows."""

from __future__ import annotations

from engine.documents.schemas.entity import FEATURES, GRANT
from engine.documents.schemas.parts import (
    FLAG,
    NAME,
    NAMES,
    TEXT,
    Schema,
    either,
    key,
    mapping,
    named,
)
from engine.metamodel.access import FIELD_ACCESS
from engine.types.choices import CHOICES_SCHEMA

PASSWORD = mapping(
    {
        "min_length": key(
            {"type": "integer", "minimum": 6, "maximum": 64}, "Characters a password has at least; 8.", 12
        ),
        "refuse_common": key(
            FLAG,
            "Whether passwords are refused that very many people have; they are, unless this is false.",
            True,
        ),
    }
)

SIGN_IN = mapping(
    {
        "attempts": key(
            {"type": "integer", "minimum": 3, "maximum": 100},
            "How often one may fail with a name from one address before one has to wait; 5. "
            "Twenty times as often with a name from anywhere, or from an address with any names.",
            10,
        ),
        "wait_seconds": key(
            {"type": "integer", "minimum": 1, "maximum": 3600},
            "Seconds of the first wait; each further failure doubles it. 30.",
            60,
        ),
        "longest_wait_minutes": key(
            {"type": "integer", "minimum": 1, "maximum": 720}, "Minutes that a wait takes at most; 60.", 15
        ),
    }
)

SECOND_FACTOR = mapping(
    {
        "required_for": key(
            NAMES, "The roles that can't sign in without one; everybody may have one.", ["administrator"]
        )
    }
)

OUTSIDE: dict[str, Schema] = {
    "create": key(FLAG, "Whether people who are not known here get a user; not unless this is true.", True),
    "same_names": key(
        FLAG,
        "Whether a sign-in name means the same person there and here, so that users there are already are joined.",
        True,
    ),
    "roles": key(
        {"type": "object", "additionalProperties": NAME},
        "Which group is which role. With it roles are set at each sign-in; without it they are kept here.",
        {"crm-admins": "administrator"},
    ),
}

OIDC = mapping(
    {
        "label": key(TEXT, "What the button on the sign-in page says.", "Company account"),
        "issuer": key(
            {"type": "string", "pattern": "^(https://|http://(localhost|127\\.0\\.0\\.1)[:/])"},
            "The provider, as it calls itself.",
            "https://login.example/realms/main",
        ),
        "client_id": key(
            TEXT,
            "What the provider knows the application by; its secret is ENGINE_OIDC_CLIENT_SECRET.",
            "crm",
        ),
        "scopes": key(NAMES, "What is asked for besides `openid`; profile and email.", ["profile", "groups"]),
        "login": key(TEXT, "The claim that is the sign-in name; preferred_username.", "email"),
        "groups": key(TEXT, "The claim that lists groups; groups.", "roles"),
        "second_factor": key(
            FLAG,
            "Whether the second factor of here is asked for as well; it is the provider's business without.",
            True,
        ),
        **OUTSIDE,
    },
    required=("issuer", "client_id"),
)

LDAP = mapping(
    {
        "url": key(
            {"type": "string", "pattern": "^ldaps?://[^/\\s]+$"},
            "The directory's address.",
            "ldaps://ldap.example",
        ),
        "base": key(TEXT, "Below which entry people are searched for.", "ou=people,dc=example,dc=com"),
        "bind_dn": key(
            TEXT,
            "As whom they are searched for, with the password in ENGINE_LDAP_PASSWORD; anonymously without.",
            "cn=reader,dc=example,dc=com",
        ),
        "start_tls": key(
            FLAG, "Whether `ldap://` is refused without TLS; it is, unless this is false.", True
        ),
        "ca_file": key(
            TEXT,
            "The file of the authority that signed its certificate, where the system does not know it.",
            "/etc/ssl/ca.pem",
        ),
        "filter": key(
            {"type": "string", "pattern": "\\{login\\}"},
            "How somebody is found by the sign-in name typed; (uid={login}).",
            "(&(objectClass=person)(sAMAccountName={login}))",
        ),
        "login": key(TEXT, "The attribute that is the sign-in name; uid.", "sAMAccountName"),
        "name": key(TEXT, "The attribute that is the name; cn.", "displayName"),
        "email": key(TEXT, "The attribute that is the e-mail address; mail.", "mail"),
        "id": key(TEXT, "The attribute that never changes; entryUUID.", "objectGUID"),
        "groups_base": key(
            TEXT,
            "Below which entry groups are searched for; without it, memberOf lists them.",
            "ou=groups,dc=example,dc=com",
        ),
        "groups_filter": key(TEXT, "How somebody's groups are found; (member={dn}).", "(memberUid={login})"),
        "groups_name": key(TEXT, "The attribute that names a group; cn.", "cn"),
        **OUTSIDE,
    },
    required=("url", "base"),
)

SETTINGS = mapping(
    {
        "currency": key(
            {"type": "string", "pattern": "^[A-Z]{3}$"},
            "The currency of amounts that do not name one.",
            "EUR",
        ),
        "timezone": key(TEXT, "The time zone of users that have none of their own.", "Europe/Bucharest"),
        "language": key(TEXT, "The language of users that have none of their own.", "en"),
        "session_hours": key(
            {"type": "integer", "minimum": 1, "maximum": 8760}, "Hours after which one signs in anew.", 12
        ),
        "max_upload_mb": key(
            {"type": "integer", "minimum": 1, "maximum": 2000}, "Megabytes of an uploaded file at most.", 25
        ),
        "base_url": key(
            {"type": "string", "pattern": "^https?://[^/\\s]+(/[^\\s]*)?$"},
            "The address people reach the application at: for links in mails. Without it no links are mailed.",
            "https://crm.example",
        ),
        "mail_from": key(
            {"type": "string", "pattern": "^[^\\r\\n]+@[^\\r\\n]+$"},
            "The sender of mails; no-reply at the mail server's name without.",
            "CRM <crm@example.com>",
        ),
        "password": key(PASSWORD, "What a password has to be.", {"min_length": 12}),
        "sign_in": key(SIGN_IN, "How failed attempts to sign in are slowed down.", {"attempts": 10}),
        "second_factor": key(
            SECOND_FACTOR, "Who has to have a second factor to sign in.", {"required_for": ["administrator"]}
        ),
        "oidc": key(
            OIDC, "An OpenID provider to sign on at.", {"issuer": "https://login.example", "client_id": "crm"}
        ),
        "ldap": key(
            LDAP,
            "A directory that knows people's passwords.",
            {"url": "ldaps://ldap.example", "base": "dc=example"},
        ),
        "database_url": key(
            TEXT, "The database, where ENGINE_DATABASE_URL names none.", "sqlite:///var/app.db"
        ),
        "files_url": key(
            TEXT, "Where files are kept, where ENGINE_FILES_URL does not say.", "file:///srv/files"
        ),
    }
)

APP: dict[str, Schema] = {
    "label": key(TEXT, "The application's name on its pages.", "Fieldstone"),
    "description": key(TEXT, "What it is for.", "Customers, sales and support."),
    "version": key({"type": ["string", "number"]}, "The application's version.", "1.0"),
    "uses": key(NAMES, "The applications it builds on: folders, or installed packages.", ["../crm"]),
    "settings": key(
        SETTINGS, "Settings; the environment overrides those an operator decides.", {"currency": "EUR"}
    ),
    "capabilities": key(
        named(either(mapping({"label": key(TEXT, "What it is called.", "Send mailings")}), {"type": "null"})),
        "What somebody may do that belongs to no record; roles and profiles name them, expressions ask `user.can`.",
        {"send_mailings": {"label": "Send mailings"}},
    ),
    "features": key(FEATURES, "What is on for every entity that does not say.", {"audit": True}),
}

PICKLIST: dict[str, Schema] = {
    "label": key(TEXT, "What it is called.", "Priorities"),
    "description": key(TEXT, "What it is for.", "How soon a ticket needs an answer."),
    "options": key(
        {"anyOf": [each for each in CHOICES_SCHEMA["anyOf"] if each["type"] != "string"]},
        "The options: a list of names, or a mapping from names to label, color and attributes.",
        {"low": None, "high": {"color": "red"}},
    ),
    "editable": key(FLAG, "Whether administrators may change it while the application runs.", True),
}

ROLE: dict[str, Schema] = {
    "label": key(TEXT, "What it is called.", "Support agent"),
    "description": key(TEXT, "What people who have it do.", "Answers tickets."),
    "parent": key(NAME, "The role above it, which sees what this one owns.", "support_manager"),
    "profiles": key(NAMES, "The profiles it holds.", ["support"]),
    "capabilities": key(NAMES, "What it may do that belongs to no record.", ["send_mailings"]),
}

PROFILE: dict[str, Schema] = {
    "label": key(TEXT, "What it is called.", "Support"),
    "description": key(TEXT, "What it is for.", "Everything that answering tickets needs."),
    "grants": key(
        {"type": "object", "additionalProperties": GRANT},
        "What it allows, by entity.",
        {"ticket": {"create": True, "read": "all"}},
    ),
    "fields": key(
        {
            "type": "object",
            "additionalProperties": {
                "type": "object",
                "additionalProperties": {"enum": list(FIELD_ACCESS)},
            },
        },
        "Access to single properties, or to all of one `group`, by entity.",
        {"ticket": {"cost": "hidden"}},
    ),
    "capabilities": key(NAMES, "What it allows that belongs to no record.", ["send_mailings"]),
}

GROUP: dict[str, Schema] = {
    "label": key(TEXT, "What it is called.", "First line"),
    "description": key(TEXT, "Who belongs to it, and what for.", "Answers what comes in."),
    "members": key(
        mapping(
            {
                "users": key(NAMES, "Sign-in names.", ["ana"]),
                "roles": key(NAMES, "Everybody with one of these roles.", ["support_agent"]),
                "roles_below": key(NAMES, "The same, and everybody with a role below.", ["support_manager"]),
                "groups": key(NAMES, "Everybody in one of these groups.", ["night_shift"]),
            }
        ),
        "Who belongs to it, whatever its record says.",
        {"roles": ["support_agent"]},
    ),
}
