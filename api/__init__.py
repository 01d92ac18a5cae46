"""People, storage, jobs and pages."""
