"""The only way to a record: access, validation, audit and events hold on every way in, because all go through here."""
