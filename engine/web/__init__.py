"""The generated pages: requests in, the record service, HTML out. No page knows an entity."""
