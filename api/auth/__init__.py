"""Who is asking: sign-in links, sessions, roles, and the declaration every route makes of who may call it."""
