"""Live progress as Server-Sent Events."""
