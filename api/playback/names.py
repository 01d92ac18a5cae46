from urllib.parse import quote


def attachment(filename: str) -> str:
    """`Content-Disposition` for a download under this name, whatever letters it has (RFC 6266)."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\/%' else "_" for c in filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
