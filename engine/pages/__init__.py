"""The generated pages of records: grid, view, form. No page knows an entity."""
