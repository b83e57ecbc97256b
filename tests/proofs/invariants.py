"""What must hold in every database at every moment, whoever wrote what and whatever died."""

from __future__ import annotations

import sqlalchemy as sa

from engine.store.system import audit
from engine.work.gateway import Gateway


def dangling(gateway: Gateway) -> list[str]:
    """Living records that refer to one in the trash (who created or changed a record may be gone)."""
    found = []
    with gateway.database.read() as connection:
        for source, made in gateway.runtime.tables.entities.items():
            for relation in made.entity.relations.values():
                if not relation.holds_key or relation.name in ("created_by", "updated_by"):
                    continue
                for target, column in zip(relation.targets, made.cells[relation.name], strict=True):
                    other = gateway.runtime.table(target).table.alias()
                    if "_deleted_at" not in other.c:
                        continue
                    query = sa.select(made.table.c.id).where(
                        column == other.c.id, other.c["_deleted_at"].is_not(None)
                    )
                    if "_deleted_at" in made.table.c:
                        query = query.where(made.table.c["_deleted_at"].is_(None))
                    found += [
                        f"{source} {row.id} by {relation.name} to a {target} in the trash"
                        for row in connection.execute(query)
                    ]
    return found


def unaudited(gateway: Gateway, *entities: str) -> list[str]:
    """Records whose number of audit rows is not their version: every change is told of once."""
    found = []
    with gateway.database.read() as connection:
        for entity in entities:
            table = gateway.runtime.table(entity).table
            counted = sa.select(audit.c.record_id, sa.func.count()).where(audit.c.entity == entity)
            grouped = connection.execute(counted.group_by(audit.c.record_id))
            rows: dict[int, int] = {row[0]: row[1] for row in grouped}
            for number, version in connection.execute(sa.select(table.c.id, table.c.version)):
                if rows.pop(number, 0) != version:
                    found.append(f"{entity} {number} has version {version}")
            found += [f"{entity} {number} has history but is not there" for number in rows]
    return found
