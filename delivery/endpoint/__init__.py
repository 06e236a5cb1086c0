"""What installations talk to. Holds neither YAML nor pydantic nor Pulumi: it starts fast and fits in a zip.

One request: `wsgi` takes an update check before Flask's routing -> `source` says which catalog answers (`look` looks at
the `store` when the last look is too old) -> `check` reads the URL -> rules.decide -> `answers` writes 200 or 204.
Without a catalog that may be believed it is 503, which sends clients down their ladder; 204 would end it.
`app` adds health and the public documents; `main` is where a server finds it all, `handler` and `gateway` where Lambda
does; `settings` is what a process must be told.
"""
